"""The audio engine: a process of its own that plays, records and keeps what was sung.

It imports numpy, sounddevice and soundfile, and of core only types and errors.
"""
