"""What the issuer's tests share."""

from tests.issuer.town import place

__all__ = ["place"]
