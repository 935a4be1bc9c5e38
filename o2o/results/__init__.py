"""What an offer brought: sold, redeemed, new and known guests, who came back; every number is a list of rows.

Words: a voucher is a pass of the offer, under whichever terms; a guest is an account with a redemption of it that
still counts (not annulled). Definitions stand in counting.py, and on the page.
"""
