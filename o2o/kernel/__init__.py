"""Kernel: what every room stands on and what knows no room: storage, time, money, codes, errors, pages, access.

Promises: nothing here imports a room; a function that decides about a shop, a person or a purchase belongs in a room.
"""
