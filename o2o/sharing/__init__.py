"""The picture that a shared link shows: cover, name, price and town, drawn on request.

Promises: it says nothing that the page does not say; what no font can write is left out, never drawn as boxes; the
map's credit stands on it wherever the map's data does.
"""
