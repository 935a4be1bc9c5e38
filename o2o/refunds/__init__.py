"""Money back: a request by the frozen rule, and its release once no till can still spend the pass.

Words: a *refund* belongs to one pass; it is *requested*, *released* once no till can object, then *paid* back by the
provider; or *withdrawn*, where a till had taken the uses before it was asked for.
Promises: paid value never vanishes at expiry; the rule shown at sale is the rule carried out, by the system itself.
"""
