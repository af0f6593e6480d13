"""The command line: it asks services and core, and says what came of it."""
