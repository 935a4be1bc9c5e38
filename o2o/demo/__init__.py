"""The demo town: a fictional place to try everything in, drawn by a seeded generator.

Words: a *quarter* is a patch of town between big streets; a *site* is a shop's place behind a house's door.
Promises: the same seed gives the same town everywhere; no name of a real business; every offer, purchase and pass
is made by the rules of its room, never around them.
"""
