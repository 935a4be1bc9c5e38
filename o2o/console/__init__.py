"""The merchant's home: shop, offers, staff and today's redemptions on one page; composition only."""
