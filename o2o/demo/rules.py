"""What makes a demo: founded, listed, claimed and offered; sold, used and refunded, all by the other rooms' rules."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from o2o.accounts import rules as accounts
from o2o.accounts.models import Account
from o2o.accounts.queries import account_by_handle
from o2o.basemap import rules as basemap
from o2o.basemap.rules import Plan
from o2o.demo import town as drawing
from o2o.demo.offers import Keep, read_offers
from o2o.demo.people import HANDLES, NEIGHBOURS, SALES, STAFF, Sale
from o2o.kernel import clock, journal
from o2o.kernel.errors import RuleBroken
from o2o.kernel.journal import Delivery, Fact
from o2o.kernel.words import N_
from o2o.offers import rules as offers
from o2o.offers.models import Offer, Terms
from o2o.orders import queries as order_queries
from o2o.orders import rules as orders
from o2o.passes import rules as passes
from o2o.passes.models import Pass
from o2o.payments import rules as payments
from o2o.payments import sandbox
from o2o.payments.models import SandboxCall
from o2o.redemption import rules as redemption
from o2o.refunds import rules as refunds
from o2o.refunds.models import Refund
from o2o.shops import rules as shops
from o2o.shops.models import Role, Shop, Town
from o2o.vocabulary import rules as words

SEEDED = "demo.seeded"
ZONE = ZoneInfo(drawing.TIMEZONE)
NOON = time(12, 10)


class Placed(NamedTuple):
    """A sale's order, and what the bank is asked for (no intent for a coupon)."""

    sale: Sale
    order_id: str
    at: datetime
    intent_id: str | None
    amount: int
    currency: str


def stage(session: Session) -> Literal["empty", "half", "done"]:
    """Tell how far the demo of this database is; RuleBroken real_data when anything else lives in it."""
    town = session.get(Town, 1)
    if town is None:
        lived_in = [session.scalar(select(column).limit(1)) for column in (Shop.id, Account.id)]
        if lived_in == [None, None]:
            return "empty"
    elif town.is_demo:
        done = session.scalar(select(Fact.id).where(Fact.name == SEEDED).limit(1))
        return "half" if done is None else "done"
    sentence = N_("This database holds real data. Give the demo town a data folder or a database of its own.")
    raise RuleBroken("real_data", sentence)


def wants_seed(session: Session) -> bool:
    """Tell whether the demo is to be made, or to be finished, in this database."""
    try:
        return stage(session) != "done"
    except RuleBroken:
        return False


def plan_map(session: Session, *, drawn: drawing.Town) -> Plan:
    """Prepare the basemap; reads only."""
    shapes = [
        basemap.shape(
            f"demo/{i}", item.kind, item.name, [list(map(drawing.degrees, line)) for line in item.lines]
        )
        for i, item in enumerate(drawn.shapes)
    ]
    return basemap.plan_map(session, shapes=shapes, box=None)


def found(session: Session, *, drawn: drawing.Town, plan: Plan) -> Town:
    """Found the town: people, listings, who keeps them, what they offer, and the map."""
    # Held until the end: rules ask for it hundreds of times, and the session alone would not keep it.
    town = shops.found_town(
        session,
        name_zh=drawing.NAME_ZH,
        name_en=drawing.NAME_EN,
        lat=drawing.LAT,
        lng=drawing.LNG,
        timezone=drawing.TIMEZONE,
        country=drawing.COUNTRY,
        currency=drawing.CURRENCY,
        is_demo=True,
    )
    people = {
        handle: accounts.create_account(session, handle=handle, operator=handle == "operator")
        for handle in (*HANDLES, *NEIGHBOURS)
    }
    listed = {site.name: shops.add_listing(session, place=site, tell=False) for site in drawn.sites}
    for keep in read_offers(clock.now().astimezone(ZONE).date()):
        if keep.keeper not in people:
            people[keep.keeper] = accounts.create_account(session)
        _open(session, listed[keep.name], keep, people[keep.keeper])
    for handle, shop, name in STAFF:
        _hire(session, listed[shop].id, people[handle], "staff", name)
    basemap.draw_map(session, plan=plan, has_osm=False)
    session.flush()
    return town


def place_sales(session: Session, *, now: datetime) -> list[Placed]:
    """Place every sale's order at its own time, in the past; what costs money waits for the bank."""
    placed = []
    for number, sale in enumerate(SALES):
        buyer = _account(session, sale.buyer)
        at = _noon(now, sale.days) + timedelta(minutes=number)
        offer_id = _offer_ids(session, sale.shop)[sale.offer]
        key = f"demo-{number}"
        order = orders.place(
            session, account_id=buyer.id, offer_id=offer_id, quantity=sale.quantity, key=key, now=at
        )
        intent_id = order.intent_id
        if order.state in ("held", "paying"):
            _, intent = orders.start_paying(
                session, account_id=buyer.id, order_id=order.id, now=order.created_at, provider=sandbox.NAME
            )
            intent_id = intent.id
        placed.append(Placed(sale, order.id, order.created_at, intent_id, order.total, order.currency))
    return placed


def take_money(session: Session, *, placed: Sequence[Placed], opened: dict[str, payments.Opened]) -> None:
    """Have the pretended bank approve, and hear its word as the town would: captured, passes issued."""
    for one in placed:
        if one.intent_id not in opened:
            continue
        ref = opened[one.intent_id].ref
        payments.note_pending(session, intent_id=one.intent_id, opened=opened[one.intent_id])
        sandbox.decide(session, ref=ref, answer="approve", now=one.at)
        for event in session.scalars(select(SandboxCall.event_id).where(SandboxCall.ref == ref)):
            payments.note_notice(session, word=payments.Word(sandbox.NAME, event, "captured", ref))
        orders.capture(session, intent_id=one.intent_id, now=one.at)
    # The town has just heard these calls: the bank need not make them again.
    heard = update(SandboxCall).where(SandboxCall.sent_at.is_(None))
    session.execute(heard.values(sent_at=clock.now(), tries=1))


def live_on(session: Session, *, placed: Sequence[Placed], now: datetime) -> list[Refund]:
    """Let time pass: uses taken at counters, coupons expired, refunds asked for, offers paused and ended.

    Return the refunds that are to be paid back.
    """
    waiting = []
    for number, one in enumerate(placed):
        bought = order_queries.passes_of(session, one.order_id)
        _use(session, one, bought[0], number, now)
        if one.sale.back:
            refund = refunds.request(session, pass_id=bought[0].id, cause="guest", now=now)
            if one.sale.back == "paid" and refund.state == "requested":
                waiting.append(refund)
    redemption.finalise_due(session, now=now)
    passes.expire_due(session, now=now)
    change = {"paused": offers.pause, "ended": offers.end}
    for keep in read_offers(now.astimezone(ZONE).date()):
        for offer_id, state in zip(_offer_ids(session, keep.name), keep.states, strict=True):
            if state in change:
                change[state](session, offer_id=offer_id)
    session.flush()
    return waiting


def finish(session: Session) -> None:
    """Index everything at once, and write down that the demo is complete."""
    words.reindex(session, shop_ids=list(session.scalars(select(Shop.id))))
    again = Delivery.reaction.startswith("vocabulary.reactions."), Delivery.state == "pending"
    session.execute(update(Delivery).where(*again).values(state="done"))
    journal.record(session, SEEDED)


def _open(session: Session, shop: Shop, keep: Keep, keeper: Account) -> None:
    """Let a keeper claim a listing, say what it is, and put its offers on sale."""
    name = "" if keeper.handle else keep.keeper
    _hire(session, shop.id, keeper, "owner", name)
    if keep.about:
        shops.edit_shop(session, shop_id=shop.id, about=keep.about)
    for draft in keep.drafts:
        offers.publish(session, shop_id=shop.id, draft=draft)


def _hire(session: Session, shop_id: int, person: Account, kind: str, name: str) -> None:
    token = shops.invite(session, shop_id=shop_id, kind=kind, name=name)
    shops.accept_invite(session, token=token, account_id=person.id)


def _account(session: Session, handle: str) -> Account:
    found = account_by_handle(session, handle)
    assert found is not None  # noqa: S101
    return found


def _offer_ids(session: Session, shop: str) -> list[int]:
    """List a shop's offers in the order in which they were published."""
    rows = select(Offer.id).join(Shop, Shop.id == Offer.shop_id).where(Shop.name == shop)
    return list(session.scalars(rows.order_by(Offer.id)))


def _noon(now: datetime, days: int) -> datetime:
    """Give a little after noon in the town, so many days ago."""
    day = now.astimezone(ZONE).date() - timedelta(days=days)
    return datetime.combine(day, NOON, ZONE).astimezone(now.tzinfo)


def _use(session: Session, one: Placed, bought: Pass, number: int, now: datetime) -> None:
    """Take a sale's uses, one a day, when its terms allow."""
    terms = session.get_one(Terms, bought.terms_id)
    workers = select(Role.account_id).where(Role.shop_id == terms.shop_id, Role.ended_at.is_(None))
    staff_id = session.scalars(workers.order_by(Role.kind.desc(), Role.id).limit(1)).one()
    for use, at in zip(range(one.sale.uses), _moments(terms, one.at, now), strict=False):
        answer = redemption.redeem(
            session,
            shop_id=terms.shop_id,
            staff_id=staff_id,
            pass_id=bought.id,
            quantity=1,
            nonce=f"demo-{number:03d}-{use}",
            now=at,
        )
        if not answer.is_ok:
            raise RuntimeError(f"sale {number} was refused at the till: {answer.reason}")


def _moments(terms: Terms, after: datetime, until: datetime) -> Iterator[datetime]:
    """Yield times in daylight at which the terms hold, at most one a day."""
    at = after + timedelta(hours=1)
    while at < until:
        hour = at.astimezone(ZONE).hour
        if 6 <= hour < 21 and offers.usable_at(terms, at, drawing.TIMEZONE):
            yield at
            at += timedelta(hours=17)
        at += timedelta(minutes=30)
