"""Reads of payout accounts."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.payouts import seal
from o2o.payouts.models import Payout


class Account(NamedTuple):
    """A payout account in clear words; never logged, never kept."""

    kind: str
    holder: str
    bank: str
    number: str


def live(session: Session, shop_id: int) -> Payout | None:
    """Return the shop's account, None where there is none or who entered it was erased."""
    now = select(Payout).where(Payout.shop_id == shop_id, Payout.ended_at.is_(None), Payout.sealed != "")
    return session.scalars(now).one_or_none()


def opened(session: Session, payout: Payout) -> Account | None:
    """Unseal an account; None when it was sealed under another secret, or for another shop."""
    words = seal.unseal(session, payout.sealed)
    if words is None or words.pop("shop", None) != payout.shop_id:
        return None
    return Account(**{name: str(words[name]) for name in Account._fields})
