"""What the operator asks of every shop: changing a line or the terms, whom that would stop, and word of it in time.

A change gives those who sell already a day until which nothing stops; owners hear of every end before it comes.
"""
