"""What a shop is asked for: the lines of the checklist and the terms for merchants, the house's own or as changed.

Words: a requirement is one line; a computed one the town sees for itself, an attested one takes the owner's word, a
verified one the operator's look. Lines that the house does not know fail closed.
"""
