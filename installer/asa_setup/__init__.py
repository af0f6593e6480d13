"""What bootstrap.py does, in small parts: environment, locks, torch, system libraries, checks."""
