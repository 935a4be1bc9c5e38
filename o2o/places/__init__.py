"""What counts as a place for consumers, what it is called, and when it is open; tables of facts, no database.

Words: a *category* is a key such as `amenity/cafe` with names in both languages; *hours* are OSM's grammar, parsed; a
*zone* is the time zone, country and currency of a position.
Promises: what cannot be parsed is never guessed: it is shown as text.
"""
