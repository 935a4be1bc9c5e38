"""A shop's guests under the shop's own names for them: what they did there, what staff noted, and who looked.

Nobody is a guest of a shop by anything but a redeemed pass or a confirmed visit. Every look at one is a row that the
guest can read, and so is every note.
"""
