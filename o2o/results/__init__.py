"""What an offer brought: sold, redeemed, new and known guests, who came back; every number is a list of rows."""
