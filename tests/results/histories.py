"""Generated histories of an offer: the same for both databases, and counted by hand-written loops beside the house."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from o2o.checkin.models import Poster, Visit
from o2o.designer import rules as designer
from o2o.designer.rules import Costs
from o2o.kernel.db import new_id
from o2o.offers import rules as offers
from o2o.offers.models import Terms
from o2o.orders.models import Order
from o2o.passes.models import Pass
from o2o.redemption.models import Redemption
from o2o.refunds.models import Refund
from o2o.shops.models import Shop
from tests.factories import make_account, make_pass, make_poster, make_role, make_shop, make_terms

TOWN = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 20, 4, tzinfo=UTC)
PART = offers.Part("手冲咖啡", 2, 2500)


@dataclass
class Told:
    """What was done, in plain lists: everything that the oracle may know."""

    shop: int
    offer: int
    sold: list[tuple[str, str, int]] = field(default_factory=list)  # pass, guest, paid
    uses: list[tuple[str, str, datetime, int, str]] = field(
        default_factory=list
    )  # pass, guest, at, value, deal
    visits: list[tuple[str, datetime]] = field(default_factory=list)  # confirmed ones
    refunds: dict[str, int] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)


def day(at: datetime) -> str:
    """Give the town's day."""
    return at.astimezone(TOWN).date().isoformat()


def moment(random: Random) -> datetime:
    """Give some moment, often just before or after the town's midnight."""
    start = datetime(2026, 3, 2, 16, tzinfo=UTC) + timedelta(days=random.randrange(12))
    return start + timedelta(minutes=random.choice((-1, 0, 1, random.randrange(1440))))


def tell(session: Session, seed: int, guests: int) -> Told:
    """Make a shop, its offer in two versions, two other offers, and what guests did with them."""
    random = Random(seed)
    shop = make_shop(session)
    make_role(session, shop, "owner", "owner")
    deals = _deals(session, shop)
    told = Told(shop.id, deals["mine"].offer_id)
    staff = make_account(session, "cook").id
    poster = make_poster(session, shop)
    elsewhere = make_terms(session, make_shop(session, "隔壁"))
    for number in range(guests):
        guest = f"g{number}"
        if number % 2:
            # What they did next door, long before, makes nobody known here.
            held = make_pass(session, elsewhere, guest, issued_at=NOW - timedelta(days=50))
            _use(session, random, Told(0, 0), held, guest, "elsewhere", staff, undone=False)
        for _ in range(random.choice((0, 1, 1, 2, 3))):
            deal = random.choice(("old", "mine", "mine", "other", "full"))
            held = make_pass(session, deals[deal], guest, issued_at=moment(random) - timedelta(days=14))
            _live(session, random, told, held, guest, deal, staff)
        for _ in range(random.choice((0, 1, 2, 2))):
            told.visits += _visit(session, random, poster, guest, staff)
        session.flush()
    return told


def _visit(
    session: Session, random: Random, poster: Poster, guest: str, staff: int
) -> list[tuple[str, datetime]]:
    """Let a guest arrive; most arrivals are confirmed."""
    at, confirmed = moment(random), random.random() < 0.7
    row = Visit(
        id=new_id(), shop_id=poster.shop_id, account_id=make_account(session, guest).id, poster_id=poster.id,
        key=new_id(), bucket="none", is_first=False, at=at,
    )  # fmt: skip
    if confirmed:
        row.confirmed_at, row.confirmed_by = at, staff
    session.add(row)
    return [(guest, at)] if confirmed else []


def _deals(session: Session, shop: Shop) -> dict[str, Terms]:
    old = make_terms(session, shop, uses=2)
    draft = offers.Draft(title="双人手冲", contents=(PART,), price=3600, valid_days=60)
    plan = Costs(cost=2001, fixed=5000, regulars=30)
    mine = designer.revise(session, offer_id=old.offer_id, draft=draft, costs=plan)
    other = make_terms(session, shop, price=4500, title="别的")
    return {"old": old, "mine": mine, "other": other, "full": make_terms(session, shop, price=5000)}


def _live(
    session: Session, random: Random, told: Told, held: Pass, guest: str, deal: str, staff: int
) -> None:
    """Let a voucher be used, undone, paid back, left to run out, or kept."""
    fate = random.choice(("used", "used", "used", "undone", "refunded", "lapsed", "kept"))
    if fate in ("used", "undone"):
        _use(session, random, told, held, guest, deal, staff, undone=fate == "undone")
        if fate == "used" and not held.uses_left:
            _refund(session, held, moment(random), "withdrawn")
    elif fate == "refunded":
        _refund(session, held, moment(random), random.choice(("paid", "requested")))
    held.expires = NOW - timedelta(days=1) if fate == "lapsed" else NOW + timedelta(days=1)
    if deal not in ("old", "mine"):
        return
    told.sold.append((held.id, guest, held.paid))
    if fate == "refunded":
        told.refunds[held.id] = held.paid
    elif held.uses_left and fate != "lapsed":
        told.open.add(held.id)


def _use(
    session: Session,
    random: Random,
    told: Told,
    held: Pass,
    guest: str,
    deal: str,
    staff: int,
    *,
    undone: bool,
) -> None:
    at, value = moment(random), held.paid // held.uses
    row = Redemption(
        id=new_id(), pass_id=held.id, shop_id=held.shop_id, staff_id=staff, number=1, quantity=1,
        uses_left=held.uses - 1, value=value, currency="CNY", nonce=new_id(), digest="0" * 64, at=at,
    )  # fmt: skip
    if undone:
        row.annulled_at, row.annul_reason = at, "mistake"
    else:
        held.uses_left, held.spent = held.uses - 1, value
        held.state = "valid" if held.uses_left else "used"
        told.uses.append((held.id, guest, at, value, deal))
    session.add(row)


def _refund(session: Session, held: Pass, at: datetime, state: str) -> None:
    """Ask for the money back; a till had taken the uses of what was withdrawn."""
    order = Order(
        id=new_id(), account_id=held.account_id, shop_id=held.shop_id, terms_id=held.terms_id, quantity=1,
        unit_price=held.paid, total=held.paid, currency="CNY", state="cancelled", hold_key=new_id(),
        hold_until=at, created_at=at,
    )  # fmt: skip
    session.add(order)
    session.flush()
    if state != "withdrawn":
        held.state = "refunded" if state == "paid" else "refunding"
    session.add(
        Refund(
            id=new_id(), pass_id=held.id, order_id=order.id, cause="guest", uses=held.uses, amount=held.paid,
            currency="CNY", state=state, requested_at=at, paid_at=at if state == "paid" else None,
        )
    )  # fmt: skip


def oracle(told: Told) -> dict[str, int]:
    """Count by plain loops over what was done."""
    mine = [use for use in told.uses if use[4] in ("old", "mine")]
    used = {use[0] for use in mine}
    passes = {one[0] for one in told.sold}
    new = known = back = 0
    for guest in {use[1] for use in mine}:
        here = [use for use in told.uses if use[1] == guest]
        first = min(use[2] for use in mine if use[1] == guest)
        came = [at for who, at in told.visits if who == guest]
        if any(use[2] < first for use in here) or any(day(at) < day(first) for at in came):
            known += 1
        else:
            new += 1
        with_use = {day(use[2]) for use in here}
        visited = any(day(at) > day(first) and day(at) not in with_use for at in came)
        paid = any(use[4] == "full" and day(use[2]) > day(first) for use in here)
        back += visited or paid
    return {
        "sold": len(passes),
        "redeemed": len(used),
        "refunded": len(told.refunds),
        "open": len(told.open),
        "over": len(passes - used - told.refunds.keys() - told.open),
        "new": new,
        "known": known,
        "back": back,
    }


def money(told: Told) -> dict[str, int]:
    """Add up in fen what was sold, redeemed and paid back; and what is left against the plan of the new terms."""
    mine = [use for use in told.uses if use[4] in ("old", "mine")]
    planned = [use for use in mine if use[4] == "mine"]
    return {
        "sold": sum(one[2] for one in told.sold),
        "redeemed": sum(use[3] for use in mine),
        "refunded": sum(told.refunds.values()),
        "result": sum(use[3] - 2001 for use in planned) - 5000,
    }
