"""How a shop gets its owner: a claim, a checklist whose state is reckoned when read, a review, and what runs out.

Words: a claim asks for one shop; a requirement is one line of the checklist; a submission answers it. Two gates only:
submitting and approving. Until it is approved a shop may prepare and cannot sell.
"""
