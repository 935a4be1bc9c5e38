"""The open books: append-only double entry, hash-chained per book, knowing nothing of orders.

Words: a *book* is a shop's or the platform's; a *posting* is one balanced transaction; its *legs* are signed
amounts in minor units on accounts, debit positive, credit negative.
Promises: legs sum to zero, rows never change, a balance is a sum, one key posts once.
"""
