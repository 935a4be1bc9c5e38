"""The town's own drawing: streets, water, green and buildings, cut into tiles; owns no truth about shops.

Words: a *feature* is a line or area of the basemap; a *label* is a name placed for one zoom; a *cell* is a tile's key.
"""
