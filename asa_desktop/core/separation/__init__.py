"""Voice and accompaniment out of a mix, by demucs' hybrid transformer (HTDemucs).

weights.py   a file of weights -> a network, nothing in the file being executed
overlap.py   the network over sound of any length, of which a few seconds are held at a time
mix.py       a recording surveyed, and given out beside its voice at its own rate
parts.py     two checked FLAC files and a note of how they were made

demucs is an extra: `weights.py` imports it, when it is asked to read a file and not before.
"""
