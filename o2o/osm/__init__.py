"""Reading OpenStreetMap files: places and the lines and areas of a basemap; no database.

Words: a *place* becomes a listing, a *feature* a line or area of the map; *refused* files change nothing.
Promises: a file is read wholly before anything is given out; every object left out has its reason.
"""
