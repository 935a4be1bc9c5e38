"""Finding: the map, search, lists and basemap tiles; owns no truth.

Words: a *card* is a shop as a list shows it; a *term* is a searchable piece of text; a *feature* is a line or area
of the basemap; a *cell* is a map tile's key.
Promises: map and list show the same results; nothing that can be bought changes their order.
"""
