"""Qt item models over the rows of the library."""
