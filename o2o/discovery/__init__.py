"""Finding: the map, search and lists; owns no truth.

Words: a *card* is a shop as a list shows it; a *term* is a searchable piece of text.
Promises: map and list show the same results; nothing that can be bought changes their order.
"""
