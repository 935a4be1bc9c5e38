"""The feed: what a shop's tills must hear, in the order in which it became true.

Words: an *epoch* counts a shop's changes; a *tiding* is one change by kind and subject; a till's *cursor* is the
epoch it has applied.
Promises: epochs commit in their order, so a cursor never skips what a slower transaction wrote; a tiding carries
no state, so hearing one twice, or late, does no harm.
"""
