"""Offers as pages and cards need them; what is left is counted from the pools, never guessed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from o2o.capacity.models import Pool
from o2o.kernel import clock
from o2o.kernel.errors import NotAllowed
from o2o.offers import rules
from o2o.offers.models import Offer, Terms
from o2o.shops import queries as shops
from o2o.shops.models import Shop

SHOWN_ORDER = ("draft", "on_sale", "paused", "ended")


class OnSale(NamedTuple):
    """An offer with its current terms; `left` (today) and `total_left` are None where nothing limits them."""

    offer: Offer
    terms: Terms
    left: int | None
    total_left: int | None = None

    @property
    def sold_out(self) -> bool:
        """Tell whether nothing is left today."""
        return self.left is not None and self.left <= 0


class Best(NamedTuple):
    """A shop's offer for its card; `was` is what the parts cost alone (0 when not more than the price)."""

    shop_id: int
    offer_id: int
    title: str
    price: int
    was: int
    currency: str
    left: int | None


class Listed(NamedTuple):
    """An offer in its owner's list; `sold` and `held` count vouchers."""

    offer: Offer
    terms: Terms
    sold: int
    held: int


def offer(session: Session, offer_id: int, *, behind: bool = False) -> Offer:
    """Return an offer that everybody may see, NotAllowed otherwise; `behind` also one of a delisted shop."""
    row = session.get(Offer, offer_id)
    if row is None or row.state == "draft" or row.terms_id is None:
        raise NotAllowed
    shops.shop(session, row.shop_id, behind=behind)
    return row


def shop_offer(session: Session, *, shop_id: int, offer_id: int) -> Offer:
    """Return an offer of this very shop, whoever had it then; NotAllowed otherwise. A desk asks for desk_offer."""
    row = session.get(Offer, offer_id)
    if row is None or row.shop_id != shop_id or row.terms_id is None:
        raise NotAllowed
    return row


def desk_offer(session: Session, *, shop_id: int, offer_id: int, own_drafts_of: str | None = None) -> Offer:
    """Return an offer that this desk may work on, none of a former owner's; a claimant, named by the label, works on
    own drafts only.
    """
    row = shop_offer(session, shop_id=shop_id, offer_id=offer_id)
    shops.check_own(session, shop_id=shop_id, began=row.created_at)
    if own_drafts_of is not None and not (row.state == "draft" and row.created_by == own_drafts_of):
        raise NotAllowed
    return row


def terms(session: Session, terms_id: int) -> Terms:
    """Return one version of terms; NotAllowed when there is none."""
    row = session.get(Terms, terms_id)
    if row is None:
        raise NotAllowed
    return row


def current_terms(session: Session, offer: Offer) -> Terms:
    """Return what an offer says now."""
    return session.get_one(Terms, offer.terms_id)


def on_sale_state(session: Session, offer: Offer, terms: Terms, *, now: datetime) -> OnSale:
    """Count what is left of one offer, in all and today."""
    zone = shops.founded(session).timezone
    in_all = _left(session, [(offer.id, terms.total_cap, None)], now=now, timezone=zone)[offer.id]
    today = _left(session, [(offer.id, None, terms.day_cap)], now=now, timezone=zone)[offer.id]
    limits = [limit for limit in (in_all, today) if limit is not None]
    return OnSale(offer, terms, min(limits) if limits else None, in_all)


def offers_on_sale(session: Session, shop_id: int) -> list[OnSale]:
    """List what a shop sells now, cheapest first, sold-out ones last."""
    town = shops.town(session)
    shop = session.get(Shop, shop_id)
    if town is None or shop is None:
        return []
    now = clock.now()
    rows = session.execute(
        select(Offer, Terms)
        .join(Terms, Terms.id == Offer.terms_id)
        .where(Offer.shop_id == shop_id, Offer.state == "on_sale")
        .order_by(Terms.price, Offer.id)
    ).all()
    zone = town.timezone
    fresh = [(o, t) for o, t in rows if rules.sellable(o, t, shop=shop, now=now, timezone=zone)]
    caps = [(o.id, t.total_cap, t.day_cap) for o, t in fresh]
    left = _left(session, caps, now=now, timezone=town.timezone)
    found = [OnSale(o, t, left[o.id]) for o, t in fresh]
    return sorted(found, key=lambda row: row.sold_out)


def best_offers(session: Session, shop_ids: Sequence[int]) -> dict[int, Best]:
    """Give each shop's offer for its card: the cheapest that is not sold out, then the one that saves most.

    One query for the offers and at most one for what is left, however many shops.
    """
    town = shops.town(session)
    if town is None or not shop_ids:
        return {}
    now = clock.now()
    today = rules.local_day(now, town.timezone)
    rows = session.connection().execute(_FOR_CARDS, {"ids": list(shop_ids), "today": today}).all()
    left = _left(session, [(row[1], row[6], row[7]) for row in rows], now=now, timezone=town.timezone)
    found: dict[int, tuple[tuple[bool, int, int, int], Best]] = {}
    for shop_id, offer_id, title, price, parts, currency, _, _ in rows:
        rest = left[offer_id]
        rank = (rest is not None and rest <= 0, price, price - parts, offer_id)
        if shop_id not in found or rank < found[shop_id][0]:
            was = parts if parts > price else 0
            found[shop_id] = rank, Best(shop_id, offer_id, title, price, was, currency, rest)
    return {shop_id: best for shop_id, (_, best) in found.items()}


# Built once: lists ask for it hundreds of times a second.
_FOR_CARDS = (
    select(
        Offer.shop_id, Offer.id, Terms.title, Terms.price, Terms.parts_price, Terms.currency,
        Terms.total_cap, Terms.day_cap,
    )
    .join(Terms, Terms.id == Offer.terms_id)
    .where(Offer.shop_id.in_(bindparam("ids", expanding=True)), Offer.state == "on_sale")
    .where(Terms.valid_until.is_(None) | (Terms.valid_until >= bindparam("today")))
)  # fmt: skip


def offers_of(session: Session, shop_id: int, *, own_drafts_of: str | None = None) -> list[Listed]:
    """List all offers of a shop for its desk: drafts, on sale, paused, ended, the newest first within each.

    Those of a former owner are left out.
    """
    wanted = (
        select(Offer, Terms)
        .join(Terms, Terms.id == Offer.terms_id)
        .where(Offer.shop_id == shop_id, shops.own(Offer.created_at, shops.kept_from(session, shop_id)))
        .order_by(Offer.id.desc())
    )
    if own_drafts_of is not None:
        wanted = wanted.where(Offer.state == "draft", Offer.created_by == own_drafts_of)
    rows = session.execute(wanted).all()
    keys = [rules.total_key(offer.id) for offer, _ in rows]
    pools = {pool.key: pool for pool in session.scalars(select(Pool).where(Pool.key.in_(keys)))}
    found = []
    for offer, terms in rows:
        pool = pools.get(rules.total_key(offer.id))
        found.append(Listed(offer, terms, pool.committed if pool else 0, pool.held if pool else 0))
    return sorted(found, key=lambda row: SHOWN_ORDER.index(row.offer.state))


def sold(session: Session, offer_id: int) -> int:
    """Count the vouchers of an offer that were paid for."""
    return session.scalar(select(Pool.committed).where(Pool.key == rules.total_key(offer_id))) or 0


def sold_all(session: Session, offer_ids: Sequence[int]) -> dict[int, int]:
    """Count the vouchers of each offer that were paid for, in one query."""
    keys = {rules.total_key(offer_id): offer_id for offer_id in offer_ids}
    rows = session.execute(select(Pool.key, Pool.committed).where(Pool.key.in_(list(keys))))
    counted = {keys[row[0]]: int(row[1]) for row in rows}
    return {offer_id: counted.get(offer_id, 0) for offer_id in offer_ids}


def _left(
    session: Session, caps: Iterable[tuple[int, int | None, int | None]], *, now: datetime, timezone: str
) -> dict[int, int | None]:
    """Count what is left per (offer id, total cap, day cap): the smallest limit minus what is taken of it."""
    limits: dict[str, tuple[int, int]] = {}
    left: dict[int, int | None] = {}
    for offer_id, total_cap, day_cap in caps:
        left[offer_id] = None
        if total_cap is not None:
            limits[rules.total_key(offer_id)] = offer_id, total_cap
        if day_cap is not None:
            limits[rules.day_key(offer_id, now, timezone)] = offer_id, day_cap
    if not limits:
        return left
    rows = session.execute(select(Pool.key, Pool.held + Pool.committed).where(Pool.key.in_(list(limits))))
    taken: dict[str, int] = {row[0]: row[1] for row in rows}
    for key, (offer_id, cap) in limits.items():
        rest = max(0, cap - taken.get(key, 0))
        known = left[offer_id]
        left[offer_id] = rest if known is None else min(known, rest)
    return left
