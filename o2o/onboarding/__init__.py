"""How a shop gets its owner: a claim asks for one shop, one claim at a time holds it, others wait for their turn.

Words: the claimant prepares a shop that nobody else sees and that cannot sell; a claim that ends leaves nothing behind.
"""
