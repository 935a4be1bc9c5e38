"""A shop that leaves: when it closes, and what is left of it then. Only the room of leaving calls here."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from o2o.kernel import clock, journal
from o2o.shops import queries
from o2o.shops.listed import LEFT_DELISTED, shop_digest
from o2o.shops.models import Invite, Role, Shop, SpecialDay
from o2o.shops.special import refresh_open


def set_closing(session: Session, *, shop_id: int, closes_at: datetime | None) -> None:
    """Say when a shop closes, or that it stays after all; until then it sells nothing. Fact shop.changed."""
    shop = queries.shop(session, shop_id, lock=True, behind=True)
    if shop.closes_at != closes_at:
        shop.closes_at = closes_at
        _touch(session, shop)


def let_go(session: Session, *, shop_id: int, now: datetime) -> Shop:
    """End everybody's role, and give the place back to the map: unclaimed where it came from one, else gone.

    In order: invitations withdrawn, facts role.ended, special days and the owner's own words away, open interval,
    status, fact shop.changed. The next import brings the map's words back. One that is delisted is gone, and no
    import lists it again before the delisting is lifted (let_back).
    """
    shop = queries.shop(session, shop_id, lock=True, behind=True)
    mine = (Invite.shop_id == shop_id, Invite.used_at.is_(None), Invite.withdrawn_at.is_(None))
    session.execute(update(Invite).where(*mine).values(withdrawn_at=now))
    live = select(Role).where(Role.shop_id == shop_id, Role.ended_at.is_(None)).order_by(Role.id)
    for role in session.scalars(live.with_for_update()).all():
        role.ended_at, role.prepared = now, None
        journal.record(session, "role.ended", shop_id=shop_id, account_id=role.account_id)
    session.execute(delete(SpecialDay).where(SpecialDay.shop_id == shop_id))
    _unsay(shop)
    refresh_open(session, shops=[shop], now=now)
    is_delisted = shop.status == "delisted"
    shop.status = "unclaimed" if shop.osm_id and not is_delisted else "gone"
    shop.osm_digest = LEFT_DELISTED if is_delisted else None
    shop.closes_at = shop.sells_until = None
    _touch(session, shop)
    return shop


def _unsay(shop: Shop) -> None:
    """Forget what an owner says of a shop; its name, kind and place stay, for they are what is there.

    Hours, phone and website stay too where the shop still says what the map said when it was last read. Elsewhere
    nobody can tell any more which of them were the map's: none is better than those of who has left.
    """
    if shop.osm_digest != shop_digest(shop):
        shop.hours = shop.phone = shop.website = None
    shop.about = None


def _touch(session: Session, shop: Shop) -> None:
    shop.version += 1
    shop.updated_at = clock.now()
    session.flush()
    journal.record(session, "shop.changed", shop_id=shop.id)
