"""What people tell the operator: something wrong with a listing, a review that should not stand, a bribe for praise.

One list, one decision each, with words that the reporter reads. Reporting changes nothing by itself.
"""
