"""Buying: from a hold to paid; the only process that takes money, and where providers' webhooks arrive.

Words: an *order* holds, is paid, expires or is cancelled; *late* money arrives after the hold ran out.
Promises: pressing twice buys once; the price never rises; the pass is issued in the capture's own transaction.
"""
