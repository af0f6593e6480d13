"""Makes the models that the program opens, and implements every system of the paper."""

# First of all imports: it sets how many threads numpy and torch are to work with.
from asa_desktop import __version__

__all__ = ["__version__"]
