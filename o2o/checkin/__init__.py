"""Arrival at a shop by the QR on its poster.

A poster is one printed code at one place of a shop; a rotated one dies at once. A visit is a person's arrival:
at most one per shop in four hours, timed by the server; what a phone says of its clock is kept as a claim beside
it. The distance is kept as a bucket only. A visit is confirmed by one tap of staff at the till.
"""
