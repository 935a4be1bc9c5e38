"""Passes: the rights that buyers hold, from the moment they are issued until they are spent or given back.

Words: a *pass* is the right; its *token* is what the site signs about it; its *code* is the token as a QR
code, its *short code* twelve characters for typing. A voucher is one kind of pass; bookings, tickets and
pickups will be others.
Promises: anybody who has the public keys can verify a pass without a network; it names no person; it can be
written in exactly one way, so no re-encoding is a second pass; it is never spent more often than it has uses;
the private keys stay outside the database.
"""
