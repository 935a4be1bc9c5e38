"""A paper menu on the desk: its pages photographed, and its lines typed, pasted or dictated beside them.

A page is a photo that no room shows: it is laid before who took it, and a day later it is gone. What is typed takes the
same way as a file: a look first, then the menu, then back if need be.
"""
