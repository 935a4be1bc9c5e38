"""What people say after they were there: reviews with proof, replies, answers to "as advertised?", private lines.

Every row names a person and a proof: a redemption of their own pass, or a visit of their own; the database refuses
any other. The score counts redemptions of paid value and visits that staff confirmed, never people with a role at
the shop (see queries.COUNTED). Everything else stands apart, outside the score.
"""
