"""The issuer: the keys that sign passes, from their publication to their end.

Words: a key is *published* (tills learn it), then *signing*, then *verifying* (until the last pass it signed has
expired), or *withdrawn* (nothing it signed holds any more). A *kid* is its number in tokens.
Promises: private keys stay outside the database; no key signs before tills had a week to learn it; after a
withdrawal every open pass is signed anew.
"""
