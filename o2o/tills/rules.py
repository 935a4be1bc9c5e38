"""Verbs of tills: ask, admit, rename, revoke, set a PIN, set the offline rules, hear."""

import re
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from o2o.feed import queries as feed
from o2o.feed import rules as tidings
from o2o.kernel import tokens
from o2o.kernel.db import new_id
from o2o.kernel.errors import BadInput, RuleBroken
from o2o.kernel.words import N_
from o2o.notifications.rules import tell
from o2o.shops import queries as shops
from o2o.tills import pins, queries
from o2o.tills.models import TILL_STATES, OfflineRules, Till, TillPin
from o2o.tills.queries import Limits

LONGEST_NAME = 40
# A shop has a few phones; more waiting ones would only bury the right one.
MOST_TILLS = 20
MOST_CLAIMS = 1000
# Minor units. Far above any voucher, far below where a sum of them would leave 64 bits or JavaScript's integers.
MOST_MONEY = 1_000_000_000
MOST_APP = 20
COORDINATE = re.compile(r"[0-9a-f]{64}")


def ask(session: Session, *, shop_id: int, account_id: int, name: str, x: str, y: str, now: datetime) -> Till:
    """Register a browser's key as a till of the shop: an owner's own is active at once, staff's waits.

    Locks the shop; a phone that waits is in the owners' inboxes. The same key again is the same row with the name
    it had; one that waited becomes active when an owner asks on it. Raises NotAllowed for who does not work here,
    BadInput bad_name and bad_key (422), RuleBroken till_revoked (410) and many_tills.
    """
    shops.staff_shop(session, account_id=account_id, shop_id=shop_id)
    given = checked_name(name)
    _check_point(x, y)
    shops.shop(session, shop_id, lock=True, behind=True)
    is_owner = "owner" in shops.roles_of(session, account_id, shop_id)
    row = queries.by_key(session, shop_id=shop_id, x=x)
    if row is None:
        if queries.count_open(session, shop_id) >= MOST_TILLS:
            raise RuleBroken(
                "many_tills",
                N_("This shop has %(most)s tills already. Ask the owner to switch one off first."),
                most=MOST_TILLS,
            )
        row = Till(id=new_id(), shop_id=shop_id, name=given, x=x, y=y, state="waiting")
        row.asked_by, row.asked_at = account_id, now
        session.add(row)
        if not is_owner:
            _tell_owners(session, row)
    if row.y != y:
        raise _bad_key()
    if row.state == "revoked":
        raise RuleBroken(
            "till_revoked",
            N_("The owner switched this till off. What it had taken is kept. Make this phone a new till."),
            status=410,
        )
    if is_owner:
        _activate(row, account_id, now)
    session.flush()
    return row


def admit(session: Session, *, shop_id: int, till_id: str, account_id: int, now: datetime) -> Till:
    """Let a waiting till in; twice is once. NotAllowed unless an owner asks, RuleBroken till_over once revoked."""
    row = queries.owners_till(session, account_id=account_id, shop_id=shop_id, till_id=till_id, lock=True)
    if row.state == "revoked":
        raise RuleBroken("till_over", N_("This till was switched off. Ask for a new one on that phone."))
    _activate(row, account_id, now)
    session.flush()
    return row


def rename(session: Session, *, shop_id: int, till_id: str, account_id: int, name: str) -> Till:
    """Give a till another name, whatever its state. NotAllowed unless an owner asks, BadInput bad_name (422)."""
    row = queries.owners_till(session, account_id=account_id, shop_id=shop_id, till_id=till_id, lock=True)
    row.name = checked_name(name)
    session.flush()
    return row


def revoke(session: Session, *, shop_id: int, till_id: str, account_id: int, now: datetime) -> Till:
    """Switch a till off for good; twice is once. Its row, its key and its ledger stay, and its queue may still come.

    It no longer holds the watermark. NotAllowed unless an owner asks.
    """
    row = queries.owners_till(session, account_id=account_id, shop_id=shop_id, till_id=till_id, lock=True)
    if row.state != "revoked":
        _move(row, "revoked")
        row.revoked_by, row.revoked_at = account_id, now
        session.flush()
    return row


def revoke_all(session: Session, *, shop_id: int, by: int, now: datetime) -> int:
    """Switch off all tills of a shop that closes and forget PINs and offline rules; return how many there were."""
    open_tills = select(Till).where(Till.shop_id == shop_id, Till.state != "revoked").order_by(Till.id)
    rows = session.scalars(open_tills.with_for_update()).all()
    for row in rows:
        _move(row, "revoked")
        row.revoked_by, row.revoked_at = by, now
    for table in (TillPin, OfflineRules):
        session.execute(delete(table).where(table.shop_id == shop_id))
    return len(rows)


def set_pin(session: Session, *, shop_id: int, account_id: int, pin: str | pins.Kept, now: datetime) -> None:
    """Set a member's PIN at a shop: the digits, or what pins.keep() made of them before the transaction.

    Two members may choose the same one: refusing that would tell each the other's. Locks the shop; tiding "roster".
    Raises NotAllowed for who does not work here, BadInput bad_pin and weak_pin (422).
    """
    shops.staff_shop(session, account_id=account_id, shop_id=shop_id)
    kept = pin if isinstance(pin, pins.Kept) else pins.keep(pin)
    shops.shop(session, shop_id, lock=True, behind=True)
    row = session.get(TillPin, (shop_id, account_id), populate_existing=True)
    if row is None:
        row = TillPin(shop_id=shop_id, account_id=account_id)
        session.add(row)
    row.salt, row.hash, row.rounds = kept
    row.set_at = now
    session.flush()
    tidings.note(session, shop_id=shop_id, kind="roster")


def set_rules(session: Session, *, shop_id: int, account_id: int, limits: Limits, now: datetime) -> None:
    """Set what the shop's tills may do offline; tiding "rules" when that changes anything. Locks the shop.

    Raises NotAllowed unless an owner asks, BadInput bad_limit (422) naming the field that is out of range.
    """
    shops.owner_shop(session, account_id=account_id, shop_id=shop_id)
    _check_range("most_claims", limits.most_claims, MOST_CLAIMS)
    _check_range("most_each", limits.most_each, MOST_MONEY)
    _check_range("most_total", limits.most_total, MOST_MONEY)
    shops.shop(session, shop_id, lock=True, behind=True)
    row = session.get(OfflineRules, shop_id, populate_existing=True)
    if row is not None and queries.offline_rules(session, shop_id) == limits:
        return
    if row is None:
        row = OfflineRules(shop_id=shop_id)
        session.add(row)
    row.bearer, row.most_claims, row.most_each, row.most_total = limits
    row.changed_by, row.changed_at = account_id, now
    session.flush()
    tidings.note(session, shop_id=shop_id, kind="rules")


def hear(
    session: Session,
    *,
    till_id: str,
    head: int,
    said_head: int,
    chain: str,
    cursor: int,
    app: str,
    now: datetime,
) -> None:
    """Note what a till has handed over and heard; nothing of it ever goes back. Locks the till.

    `head`: seq up to which its ledger is here without a gap, `chain` the hash of that entry, `said_head` the greatest
    seq it says it has, `cursor` the epoch it says it applied. The epoch counts only while nothing is missing of all
    it ever said, and never beyond the shop's own. A waiting till is told nothing yet, so it has heard nothing.
    """
    row = queries.till(session, till_id, lock=True)
    if row.state == "waiting":
        return
    is_whole = head == said_head and said_head >= row.said_head and head >= row.head
    if head > row.head:
        row.head, row.chain = head, chain
    row.said_head = max(row.said_head, said_head, row.head)
    if is_whole:
        row.acked = max(row.acked, min(cursor, feed.epoch(session, row.shop_id)))
    row.synced_at = now if row.synced_at is None else max(row.synced_at, now)
    row.app = app[:MOST_APP]
    session.flush()


def _tell_owners(session: Session, row: Till) -> None:
    shop = shops.shop(session, row.shop_id, behind=True)
    for member in shops.members(session, row.shop_id):
        if member.kind == "owner":
            tell(
                session,
                account_id=member.account_id,
                key=f"till.asked:{row.id}",
                kind="till.asked",
                link=f"/console/{row.shop_id}/tills",
                name=row.name,
                shop=shop.name,
                shop_zh=shop.name_zh,
                shop_en=shop.name_en,
            )


def checked_name(name: str) -> str:
    """Return a till's name without space around it; BadInput bad_name (422) unless 1 to 40 characters remain."""
    text = " ".join(name.split())
    if not 1 <= len(text) <= LONGEST_NAME:
        raise BadInput("bad_name", N_("Name it in 1 to 40 characters."), status=422, field="name")
    return text


def _activate(row: Till, account_id: int, now: datetime) -> None:
    if row.state == "active":
        return
    _move(row, "active")
    row.active_by, row.active_at = account_id, now


def _move(row: Till, state: str) -> None:
    """Change a till's state along TILL_STATES; ValueError for a way that is not there."""
    if state not in TILL_STATES[row.state]:
        raise ValueError(f"a {row.state} till does not become {state}")
    row.state = state


def _check_point(x: str, y: str) -> None:
    """Refuse what is no point of P-256 in two lower-case hex coordinates."""
    if not COORDINATE.fullmatch(x) or not COORDINATE.fullmatch(y):
        raise _bad_key()
    key = tokens.point(bytes.fromhex(x), int(y, 16) & 1)
    if key is None or key.public_numbers().y != int(y, 16):
        raise _bad_key()


def _check_range(field: str, given: int, most: int) -> None:
    if not 0 <= given <= most:
        sentence = N_("Choose between 0 and %(most)s.")
        raise BadInput("bad_limit", sentence, status=422, field=field, most=most)


def _bad_key() -> BadInput:
    return BadInput(
        "bad_key", N_("This phone's key is damaged. Please reload the page and try again."), status=422
    )
