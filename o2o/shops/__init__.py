"""The town and its shops: places, hours, who works where.

Words: a *listing* is a shop nobody claimed; an *owner* claims it; *staff* redeem at its counter; *open_from* and
*open_to* are its current or next open interval.
Promises: a listing never shows an invented fact; an owner's own edits outlive every import.
"""
