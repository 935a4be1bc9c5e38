"""What a shop handed in: answers to its checklist, how each line stands, and until when the shop may sell.

Words: a submission answers one line; the newest counts, older ones are the trail. The state of a line is reckoned
when it is read, the end of sales is written when something changes.
"""
