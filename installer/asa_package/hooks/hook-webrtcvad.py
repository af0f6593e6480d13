"""For PyInstaller: nothing. Its own hook asks for the notes of another package of that name."""
