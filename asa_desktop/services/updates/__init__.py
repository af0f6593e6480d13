"""Whether there is a newer version: one signed list, asked for only when somebody wants to know.

place.py         where the list lies and by which keys it is believed; whoever publishes fills it
release_list.py  the list itself: believed or not, and what is newer in it
fetching.py      the process that opens a socket; it hands over bytes and ends
asking.py        starts that process and waits for its bytes
looking.py       one look, what is remembered of it, and when the next one is due
"""
