"""Voice and accompaniment of a mix, as an optional step: fetched weights, a worker, a new song.

source.py      which weights, from where, and what is to be known before they are fetched
weights.py     the weights in the user's own folder: there, fetched after a yes, or given as a file
fetching.py    the process that opens a socket; it fills a file and ends
stems.py       one mix separated, or found in the cache
worker.py      the process that computes
new_song.py    a folder of parts becomes a song, with the notes and words of the one it came from
"""
