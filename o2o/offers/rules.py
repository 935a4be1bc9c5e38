"""What happens to offers: published, revised, paused, resumed, ended; and what their terms mean."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.capacity import rules as capacity
from o2o.capacity.rules import Claim
from o2o.kernel import actor, clock, journal
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.offers.draft import DAY, Draft, Part, check
from o2o.offers.models import OFFER_STATES, Offer, Terms
from o2o.offers.pools import changed_left, day_key, refresh_left, total_key
from o2o.offers.terms import as_terms, refund_words
from o2o.offers.times import day_start, local_day, usable_at, validity
from o2o.shops import queries as shops
from o2o.shops import rules as shop_rules
from o2o.shops.models import Shop

__all__ = [
    "A_MINUTE", "DAY", "UNLIMITED", "Draft", "Part", "as_terms", "changed_left", "claims", "day_key",
    "day_start", "end", "end_over", "honour", "local_day", "locked", "pause", "prepare", "publish",
    "put_on_sale", "redraft", "refresh_left", "refresh_shop", "refresh_stopped", "refund_words", "resume",
    "revise", "sellable", "total_key", "usable_at", "validity",
]  # fmt: skip

# The total is always counted, so that what was sold is known and a cap set later is checked against it.
UNLIMITED = 1_000_000_000
# `expires` is exclusive: the last minute before it names the day people read.
A_MINUTE = timedelta(minutes=1)
NOT_PUBLISHED = N_("This offer is still a draft. Publish it first.")


def publish(session: Session, *, shop_id: int, draft: Draft) -> Offer:
    """Put an offer on sale: check, offer, terms version 1, the shop's `live` flag, fact offer.changed.

    Only a claimed shop has offers (RuleBroken unclaimed), and one that is not held back (limited); a wrong draft
    raises RuleBroken with a code of draft.FAULTS. One with a plan is published by designer.rules.
    """
    shop = shops.shop(session, shop_id, lock=True, behind=True)
    _may_publish(shop)
    return _open(session, shop, draft, state="on_sale")


def prepare(session: Session, *, shop_id: int, draft: Draft) -> Offer:
    """Write an offer that nobody sees yet; who claims a shop may do so before it is theirs."""
    shop = shops.shop(session, shop_id, lock=True, behind=True)
    return _open(session, shop, draft, state="draft")


def redraft(session: Session, *, offer_id: int, draft: Draft) -> Terms:
    """Write a draft anew; RuleBroken not_a_draft for what guests have seen."""
    _a_draft(locked(session, offer_id=offer_id))
    return revise(session, offer_id=offer_id, draft=draft)


def put_on_sale(session: Session, *, offer_id: int) -> Offer:
    """Publish a prepared offer as it is written; twice is the same as once. RuleBroken as for publish."""
    offer = locked(session, offer_id=offer_id)
    if offer.state == "on_sale":
        return offer
    _a_draft(offer)
    _may_publish(shops.shop(session, offer.shop_id, behind=True))
    return _sell(session, offer_id)


def _a_draft(offer: Offer) -> None:
    if offer.state != "draft":
        raise RuleBroken(
            "not_a_draft", N_("This offer was published before. Resume it, or publish a new one.")
        )


def _may_publish(shop: Shop) -> None:
    if shop.status in ("unclaimed", "proposed"):
        raise RuleBroken("unclaimed", N_("Nobody has claimed this listing yet, so it cannot sell anything."))
    if shop.closes_at is not None:
        sentence = N_("This shop is closing, so it sells nothing new. Take the closing back first.")
        raise RuleBroken("closing", sentence)
    if shop.status != "claimed" or shop.sanction is not None:
        sentence = N_("This shop may not publish offers at the moment. Its desk says why, and how to object.")
        raise RuleBroken("held_back", sentence)


def _open(session: Session, shop: Shop, draft: Draft, *, state: str) -> Offer:
    town = shops.founded(session)
    now = clock.now()
    check(draft, local_day(now, town.timezone))
    offer = Offer(shop_id=shop.id, state=state, created_at=now, created_by=actor.current().label)
    session.add(offer)
    session.flush()
    _write_terms(session, offer, draft, version=1, currency=town.currency)
    _tell(session, offer)
    return offer


def revise(session: Session, *, offer_id: int, draft: Draft) -> Terms:
    """Write the next terms version; what is sold keeps its own. RuleBroken for a total below that."""
    offer = locked(session, offer_id=offer_id)
    if offer.state == "ended":
        raise RuleBroken("ended", N_("This offer has ended. Publish a new one instead."))
    if offer.state != "draft":
        _may_publish(shops.shop(session, offer.shop_id, behind=True))
    town = shops.founded(session)
    check(draft, local_day(clock.now(), town.timezone))
    before = session.get_one(Terms, offer.terms_id)
    if before.total_cap != draft.total_cap:
        limit = draft.total_cap or UNLIMITED
        capacity.set_limit(session, key=total_key(offer.id), limit=limit)
    terms = _write_terms(session, offer, draft, version=before.version + 1, currency=town.currency)
    _tell(session, offer)
    return terms


def pause(session: Session, *, offer_id: int) -> Offer:
    """Stop selling for now; sold vouchers stay good."""
    return _move(session, offer_id, "paused")


def resume(session: Session, *, offer_id: int) -> Offer:
    """Sell again; twice is the same as once. RuleBroken when the fixed dates are over, and for a draft.

    An offer with a plan is resumed by designer.rules, which asks about one under cost.
    """
    if locked(session, offer_id=offer_id).state == "draft":
        raise RuleBroken("not_published", NOT_PUBLISHED)
    return _sell(session, offer_id)


def _sell(session: Session, offer_id: int) -> Offer:
    offer = _move(session, offer_id, "on_sale")
    terms = session.get_one(Terms, offer.terms_id)
    if _is_over(terms, now=clock.now(), timezone=shops.founded(session).timezone):
        raise RuleBroken("over", N_("The last day of this offer is over. Give it new dates first."))
    return offer


def end(session: Session, *, offer_id: int) -> Offer:
    """Stop selling for good; sold vouchers stay good. A draft says nothing any more: nobody has seen it."""
    was_draft = locked(session, offer_id=offer_id).state == "draft"
    offer = _move(session, offer_id, "ended")
    if was_draft:
        offer.terms_id = None
        session.flush()
    return offer


def end_over(session: Session, *, now: datetime, most: int = 200) -> int:
    """End the offers whose fixed dates are over, at most so many; return how many."""
    town = shops.town(session)
    if town is None:
        return 0
    over = (
        select(Offer.id)
        .join(Terms, Terms.id == Offer.terms_id)
        .where(Offer.state.in_(("on_sale", "paused")), Terms.valid_until < local_day(now, town.timezone))
        .order_by(Offer.shop_id, Offer.id)
        .limit(most)
    )
    ids = list(session.scalars(over))
    for offer_id in ids:
        _move(session, offer_id, "ended")
    return len(ids)


def sellable(offer: Offer, terms: Terms, *, shop: Shop, now: datetime, timezone: str) -> bool:
    """Tell whether it can be sold now: its state says so, its fixed dates are not over, and its shop may sell."""
    return offer.state == "on_sale" and shop.sells(now) and not _is_over(terms, now=now, timezone=timezone)


def _is_over(terms: Terms, *, now: datetime, timezone: str) -> bool:
    return terms.valid_until is not None and terms.valid_until < local_day(now, timezone)


def claims(terms: Terms, *, account_id: int, quantity: int, now: datetime, timezone: str) -> list[Claim]:
    """List what a purchase takes: of the total always, of the day's and the person's number where limited."""
    wanted = [Claim(total_key(terms.offer_id), terms.total_cap or UNLIMITED, quantity)]
    if terms.day_cap is not None:
        wanted.append(Claim(day_key(terms.offer_id, now, timezone), terms.day_cap, quantity))
    if terms.per_person is not None:
        wanted.append(Claim(f"offer:{terms.offer_id}:person:{account_id}", terms.per_person, quantity))
    return wanted


def locked(session: Session, *, offer_id: int) -> Offer:
    """Return the offer, its shop locked first (the rooms' order): `live` is computed by one at a time."""
    shop_id = session.scalar(select(Offer.shop_id).where(Offer.id == offer_id))
    if shop_id is None:
        raise NotAllowed
    shops.shop(session, shop_id, lock=True, behind=True)
    return session.get_one(Offer, offer_id, with_for_update=True, populate_existing=True)


def _move(session: Session, offer_id: int, state: str) -> Offer:
    offer = locked(session, offer_id=offer_id)
    if offer.state == state:
        return offer
    if offer.state == "draft" and state == "paused":
        raise RuleBroken("not_published", NOT_PUBLISHED)
    if state not in OFFER_STATES[offer.state]:
        raise RuleBroken("ended", N_("This offer has ended. Publish a new one instead."))
    offer.state = state
    _tell(session, offer)
    return offer


def _write_terms(session: Session, offer: Offer, draft: Draft, *, version: int, currency: str) -> Terms:
    terms = as_terms(draft, currency=currency)
    terms.offer_id = offer.id
    terms.shop_id = offer.shop_id
    terms.version = version
    terms.created_at = clock.now()
    terms.created_by = actor.current().label
    session.add(terms)
    session.flush()
    offer.terms_id = terms.id
    return terms


def honour(session: Session, *, offer_id: int, yes: int, count: int) -> None:
    """Store how many got what the offer said, of how many who answered; the shop's sums follow."""
    offer = locked(session, offer_id=offer_id)
    offer.honest_yes, offer.honest_count = yes, count
    session.flush()
    sums = select(func.sum(Offer.honest_yes), func.sum(Offer.honest_count))
    total = session.execute(sums.where(Offer.shop_id == offer.shop_id)).one()
    shop_rules.honour(session, shop_id=offer.shop_id, yes=total[0], count=total[1])


def refresh_shop(session: Session, *, shop_id: int) -> None:
    """Keep a shop's `live` and `has_left` true after what it may do has changed."""
    shop = shops.shop(session, shop_id, lock=True, behind=True)
    now = clock.now()
    today = local_day(now, shops.founded(session).timezone)
    on_sale = (
        select(Offer.id)
        .join(Terms, Terms.id == Offer.terms_id)
        .where(Offer.shop_id == shop_id, Offer.state == "on_sale")
        .where(Terms.valid_until.is_(None) | (Terms.valid_until >= today))
    )
    live = shop.sells(now) and session.scalar(on_sale.limit(1)) is not None
    shop_rules.set_live(session, shop_id=shop_id, live=live)
    refresh_left(session, shop_ids=[shop_id], now=now)


def refresh_stopped(session: Session, *, now: datetime, most: int = 200) -> int:
    """Take down the live flag of shops whose right to sell has run out, at most so many; return how many."""
    over = select(Shop.id).where(Shop.live, Shop.sells_until <= now).order_by(Shop.id).limit(most)
    ids = list(session.scalars(over))
    for shop_id in ids:
        refresh_shop(session, shop_id=shop_id)
    return len(ids)


def _tell(session: Session, offer: Offer) -> None:
    """Keep the shop's `live` and `has_left` true to its offers and record the fact."""
    session.flush()
    refresh_shop(session, shop_id=offer.shop_id)
    journal.record(session, "offer.changed", shop_id=offer.shop_id, offer_id=offer.id)
