"""Deals: what a shop sells ahead, and the immutable terms every buyer keeps.

Words: an *offer* is on sale, paused or ended; its *terms* are one frozen version of title, contents, price and rules;
a *coupon* is an offer at price 0.
Promises: an edit makes a new version; sold passes keep theirs; the first price shown is the whole price.
"""
