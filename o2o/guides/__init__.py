"""The operator's guides: a few shops under one idea, as a list and on a map, with a link to share.

A place in a guide that was paid for says so; there is no other way to be in one for money.
"""
