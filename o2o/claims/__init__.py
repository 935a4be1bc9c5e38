"""Claims: the tills' own ledgers on the server, and what became of each use they say was taken.

Words: an *entry* is one signed line of a till's ledger; a *claim* is an entry that says a use was taken; the *fold*
decides which claims win; a *late* claim came more than 72 hours after its own time.
Promises: no till is believed, every signature is verified again; the same claims give the same state in whatever
order, repetition or pieces they arrive; nothing a till sent is forgotten.
"""
