"""What upper rooms and the sync's door ask of claims."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.claims.evidence import STEP_MS, list_excuses
from o2o.claims.evidence import Claim as Evidence
from o2o.claims.evidence import Refund as Asked
from o2o.claims.models import Entry
from o2o.shops.models import Role

__all__ = ["STEP_MS", "Asked", "Evidence", "broken_links", "ever_worked", "gaps", "list_excuses"]


def ever_worked(session: Session, *, account_id: int, shop_id: int) -> bool:
    """Tell whether an account works at a shop, or ever did."""
    held = select(Role.id).where(Role.shop_id == shop_id, Role.account_id == account_id)
    return session.scalar(held.limit(1)) is not None


def gaps(session: Session, till_id: str) -> list[tuple[int, int]]:
    """List what is missing of a till's ledger before its last entry, as (first, last) numbers."""
    found = []
    expected = 1
    for seq in session.scalars(select(Entry.seq).where(Entry.till_id == till_id).order_by(Entry.seq)):
        if seq > expected:
            found.append((expected, seq - 1))
        expected = seq + 1
    return found


def broken_links(session: Session, till_id: str) -> list[Entry]:
    """List the entries of a till that do not follow from the one before."""
    rows = select(Entry).where(Entry.till_id == till_id, Entry.is_linked.is_(False))
    return list(session.scalars(rows.order_by(Entry.seq)))
