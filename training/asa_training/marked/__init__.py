"""Training on a table of recordings that people marked: its takes as labelled clips.

`choosing` reads the table, `laying` lays every take beside its reference, once, `tracks` holds the
features that were read last, `clips` cuts. What is kept grows with the number of clips by a few
dozen bytes each, or a few hundred for pairs; features are read from the cache when a batch needs
them.
"""
