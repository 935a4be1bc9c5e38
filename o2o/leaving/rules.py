"""A shop goes: announced, taken back, carried out.

From the announcement on nothing is sold; until the hour itself everything sold is honoured. Then open passes are
paid back by the system, which waits for tills that are offline, and last the roles end and the place returns to
the map. Locks: shop, closing, passes, refunds, book.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.admission import rules as admission
from o2o.branches import rules as branches
from o2o.checkin import rules as checkin
from o2o.checkin.models import Poster
from o2o.guests import rules as guests
from o2o.kernel import journal
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.leaving import queries
from o2o.leaving.models import Closing
from o2o.menu_changes import rules as menus
from o2o.notifications.rules import News, tell_all
from o2o.offers import rules as offers
from o2o.offers.models import Offer
from o2o.payouts import rules as payouts
from o2o.pictures import rules as pictures
from o2o.refunds import rules as refunds
from o2o.sanctions import rules as sanctions
from o2o.shops import queries as shops
from o2o.shops import rules as shop_rules
from o2o.shops.models import Shop
from o2o.tills import rules as tills

SHORTEST, LONGEST, USUAL = 1, 90, 14  # days
CHUNK = 50
TOO_LATE = N_("The hour has come and the shop is closing already.")


def announce(session: Session, *, shop_id: int, account_id: int, days: int, now: datetime) -> Closing:
    """Have a shop close in so many days: it sells nothing from now on, and its guests are told.

    In order: shop locked, closing, the shop's closes_at, its live flag, fact shop.closing, inboxes. A closing that
    is under way is returned as it is. Raises NotAllowed unless an owner asks, RuleBroken bad_days (422).
    """
    if not SHORTEST <= days <= LONGEST:
        sentence = N_("Choose between 1 and 90 days.")
        raise RuleBroken("bad_days", sentence, status=422, field="days")
    shop = _owned(session, shop_id, account_id)
    known = queries.live(session, shop_id, lock=True)
    if known is not None:
        return known
    closes_at = now + timedelta(days=days)
    row = Closing(shop_id=shop_id, account_id=account_id, asked_at=now, closes_at=closes_at)
    session.add(row)
    session.flush()
    _set_closing(session, shop_id, closes_at)
    journal.record(session, "shop.closing", shop_id=shop_id, closing_id=row.id)
    zone = shops.founded(session).timezone
    _tell(
        session,
        shop,
        row,
        "shop.closing",
        queries.holders(session, shop_id),
        day=offers.local_day(closes_at, zone),
    )
    return row


def take_back(session: Session, *, shop_id: int, account_id: int, now: datetime) -> Closing | None:
    """Let the shop stay: its offers sell again as they were, and who had been told is told; none is as good.

    Raises NotAllowed unless an owner asks, RuleBroken closing_now (409) once the hour has come.
    """
    shop = _owned(session, shop_id, account_id)
    row = queries.live(session, shop_id, lock=True)
    if row is None:
        return None
    if row.closes_at <= now:
        raise RuleBroken("closing_now", TOO_LATE)
    row.taken_back_at = now
    session.flush()
    _set_closing(session, shop_id, None)
    journal.record(session, "shop.stays", shop_id=shop_id, closing_id=row.id)
    _tell(session, shop, row, "shop.stays", queries.holders(session, shop_id))
    return row


def refund_some(session: Session, *, closing_id: int, now: datetime, most: int = CHUNK) -> int:
    """Promise the money of open passes back, at most so many in this transaction; return how many."""
    row = _locked(session, closing_id)
    if not _is_due(row, now):
        return 0
    ids = queries.open_passes(session, row.shop_id, most=most)
    for pass_id in ids:
        refunds.request(session, pass_id=pass_id, cause="platform", now=now)
    return len(ids)


def finish(session: Session, *, closing_id: int, now: datetime) -> bool:
    """Close the shop, once nobody waits for anything there; tell whether that is done, now or before.

    In order: sanctions over (a delisting stands), the group of branches left, offers ended, posters ended, tills off,
    menu and pictures away, what it noted of guests and their contacts away, payout account ended, roles ended and the
    place given back, the claim closed, fact shop.closed, inboxes. after.py says so table by table.
    """
    row = _locked(session, closing_id)
    if row.closed_at is not None:
        return True
    if not _is_due(row, now) or queries.waits(session, row.shop_id):
        return False
    shop_id, shop = row.shop_id, session.get_one(Shop, row.shop_id)
    sanctions.end_with_shop(session, shop_id=shop_id, now=now)
    branches.close(session, shop_id=shop_id, now=now)
    _end_what_sells(session, shop_id, now)
    tills.revoke_all(session, shop_id=shop_id, by=row.account_id, now=now)
    menus.clear(session, shop_id=shop_id)
    pictures.clear(session, shop_id=shop_id)
    guests.part(session, shop_id=shop_id)
    payouts.end(session, shop_id=shop_id, now=now)
    team = [member.account_id for member in shops.members(session, shop_id)]
    row.closed_at = now
    shop_rules.let_go(session, shop_id=shop_id, now=now)
    if shop.status != "gone":
        admission.close(session, shop_id=shop_id, now=now)
    journal.record(session, "shop.closed", shop_id=shop_id, closing_id=row.id)
    told = {*queries.refunded(session, shop_id, since=row.closes_at), *team}
    _tell(session, shop, row, "shop.closed", sorted(told))
    return True


def _owned(session: Session, shop_id: int, account_id: int) -> Shop:
    shop = shops.shop(session, shop_id, lock=True, behind=True)
    shops.owner_shop(session, account_id=account_id, shop_id=shop_id)
    if shop.status not in ("claimed", "delisted"):
        raise NotAllowed
    return shop


def _locked(session: Session, closing_id: int) -> Closing:
    shop_id = session.scalars(select(Closing.shop_id).where(Closing.id == closing_id)).one()
    session.get_one(Shop, shop_id, with_for_update=True, populate_existing=True)
    return session.get_one(Closing, closing_id, with_for_update=True, populate_existing=True)


def _is_due(row: Closing, now: datetime) -> bool:
    return row.closed_at is None and row.taken_back_at is None and row.closes_at <= now


def _set_closing(session: Session, shop_id: int, closes_at: datetime | None) -> None:
    shop_rules.set_closing(session, shop_id=shop_id, closes_at=closes_at)
    offers.refresh_shop(session, shop_id=shop_id)


def _end_what_sells(session: Session, shop_id: int, now: datetime) -> None:
    wanted = select(Offer.id).where(Offer.shop_id == shop_id, Offer.state != "ended").order_by(Offer.id)
    for offer_id in session.scalars(wanted).all():
        offers.end(session, offer_id=offer_id)
    hung = select(Poster.id).where(Poster.shop_id == shop_id, Poster.ended_at.is_(None)).order_by(Poster.id)
    for poster_id in session.scalars(hung).all():
        checkin.end(session, shop_id=shop_id, poster_id=poster_id, now=now)


def _tell(
    session: Session, shop: Shop, row: Closing, kind: str, accounts: list[int], **values: object
) -> None:
    words = {"shop": shop.name, "shop_zh": shop.name_zh, "shop_en": shop.name_en}
    words.update({name: str(value) for name, value in values.items()})
    link = "/wallet" if kind != "shop.closed" else "/inbox"
    tell_all(
        session,
        news=[
            News(account_id, f"{kind}:{row.id}:{account_id}", kind, link, words) for account_id in accounts
        ],
    )
