"""Who is let in: the operator's queue of claims, each with its evidence, the decision, and what becomes of it later.

Two gates only: handing in and approving. An admitted claim may be suspended, restored and closed.
"""
