"""What a deal can cost its shop, reckoned before it is on sale: the plan, the worst case, the question about it.

Promises: no figure is invented; what is under cost goes on sale only by a press that carries its worst case; nobody
but the shop reads a plan. It stands above passes, because what was sold is owed.
"""
