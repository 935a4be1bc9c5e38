"""How long each table's rows are kept, why, and what ends them: a clock for every table.

`since` is the column a clock counts from, `days` how long; at the end rows are deleted, or the columns in `empties`
are. `only` narrows a clock to rows that are over: used, read, decided. `by` names another room's chore that ends
them already. Tables of KEPT have no clock: they end with their person, or never, and say why.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table, and_, exists, func, or_, select, true

from o2o.kernel.db import Base
from o2o.kernel.words import N_


class Clock(NamedTuple):
    """The clock of one table; see above."""

    table: str
    days: int
    since: str
    what: str
    why: str
    only: str = ""
    by: str = ""
    empties: Mapping[str, Any] = {}

    @property
    def rows(self) -> Table:
        """Give the table itself."""
        return Base.metadata.tables[self.table]

    def due(self, now: datetime) -> ColumnElement[bool]:
        """Say which rows are over at this moment."""
        over = self.rows.c[self.since] < now - timedelta(days=self.days)
        narrowed = ONLY[self.only](self.rows) if self.only else true()
        full = [self.rows.c[name] != ("" if empty == "" else None) for name, empty in self.empties.items()]
        return and_(over, narrowed, or_(*full)) if full else and_(over, narrowed)


def _at_end(table: Table) -> ColumnElement[bool]:
    """Leave out the newest fact: its number must never be given again, and who looks for news starts there."""
    delivery = Base.metadata.tables["delivery"]
    waits = exists().where(delivery.c.fact_id == table.c.id)
    return (table.c.id < select(func.max(table.alias().c.id)).scalar_subquery()) & ~waits


def _of_an_old_fact(table: Table) -> ColumnElement[bool]:
    return table.c.state == "done"


def _unused(table: Table) -> ColumnElement[bool]:
    return table.c.used_at.is_(None)


def _not_admitted(table: Table) -> ColumnElement[bool]:
    claims = Base.metadata.tables["shop_claim"]
    over = claims.c.state.in_(("withdrawn", "rejected", "closed"))
    return table.c.claim_id.in_(select(claims.c.id).where(over))


def _left(table: Table) -> ColumnElement[bool]:
    role = Base.metadata.tables["role"]
    works = exists().where(
        role.c.shop_id == table.c.shop_id, role.c.account_id == table.c.account_id, role.c.ended_at.is_(None)
    )
    return ~works


ONLY = {
    "delivered": _at_end,
    "done": _of_an_old_fact,
    "unused": _unused,
    "not admitted": _not_admitted,
    "left": _left,
}

LOGINS = "accounts.chores.forget_stale"
CLOCKS: tuple[Clock, ...] = (
    Clock(
        "challenge",
        1,
        "expires_at",
        N_("Sign-ins under way, and forms that wait for one"),
        N_("Over after minutes."),
        by=LOGINS,
    ),
    Clock("sign_in_link", 30, "expires_at", N_("One-time links"), N_("To see what went wrong."), by=LOGINS),
    Clock("login", 30, "expires_at", N_("Signed-out devices"), N_("So that you see who was in."), by=LOGINS),
    Clock(
        "message",
        400,
        "read_at",
        N_("Messages that were read"),
        N_("Receipts for a year of taxes and a bit."),
        by="notifications.chores.forget_old",
    ),
    Clock(
        "photo",
        1,
        "at",
        N_("Pictures that nothing shows"),
        N_("Sent and not used."),
        by="photos.chores.drop_unused",
    ),
    Clock(
        "limit_hit",
        0,
        "ends",
        N_("Counters against guessing"),
        N_("Fingerprints, minutes long."),
        by="kernel.limits.forget_old_windows",
    ),
    Clock("posted", 30, "at", N_("Keys of sent forms"), N_("So that a second press does nothing twice.")),
    Clock(
        "delivery", 30, "due", N_("Notes that a fact was dealt with"), N_("To find what failed."), only="done"
    ),
    Clock("fact", 400, "at", N_("Facts: what happened, ids only"), N_("To count a year."), only="delivered"),
    Clock("look", 400, "at", N_("Who of a shop looked at a guest"), N_("For the guest to read.")),
    Clock("invite", 30, "expires_at", N_("Invitations nobody took"), N_("They bear a name."), only="unused"),
    Clock("menu_import", 90, "created_at", N_("Menu files"), N_("To take an import back.")),
    Clock("poster_day", 400, "day", N_("Openings of posters, per day"), N_("To compare a year.")),
    Clock("till_pin", 1, "set_at", N_("PINs of people who left"), N_("Useless then."), only="left"),
    Clock(
        "submission",
        90,
        "at",
        N_("Papers of claims that came to nothing"),
        N_("To object and try again."),
        only="not admitted",
        empties={"text": "", "photo_id": None},
    ),
    Clock(
        "report",
        400,
        "decided_at",
        N_("Words and photos of decided reports"),
        N_("To object."),
        empties={"text": "", "photo_id": None},
    ),
    Clock(
        "payout",
        400,
        "ended_at",
        N_("Ended payout accounts"),
        N_("Until the last money has surely gone there."),
        empties={"sealed": "", "tail": ""},
    ),
)

# Tables without a clock, by why.
KEPT: dict[str, tuple[str, ...]] = {
    N_("Until you erase your account, or take it back yourself."): (
        "account", "passkey", "recovery_key", "recovery_code", "device_login", "device_key", "consent", "guest",
        "guest_note", "review", "review_photo", "answer", "line", "strike", "cover", "visit", "last_visit", "role",
    ),
    N_("Books: as long as the law wants them, under bare numbers; never changed."): (
        "purchase", "purchase_pass", "pass", "pass_form", "refund", "redemption", "book", "posting", "leg", "balance",
        "seal", "intent", "payback", "notice", "hold", "hold_part", "pool", "sandbox_payment", "sandbox_refund",
        "sandbox_call",
    ),
    N_("Evidence of who did what, under bare numbers: tills, conflicts, sanctions, acts."): (
        "act", "scan", "till", "till_entry", "claim", "conflict", "offline_rules", "feed", "tiding", "sanction",
        "shop_claim", "closing", "merchant_terms", "issuer_key",
    ),
    N_("The town's and the shops' own words, as long as they stand."): (
        "town", "shop", "special_day", "offer", "offer_plan", "terms", "menu", "menu_line", "picture", "reply",
        "poster",
        "guide", "guide_entry", "requirement", "branch", "shop_group", "shared_offer", "shared_part", "shop_term",
        "phrase", "phrase_use", "phrase_key", "feature", "feature_cell",
    ),
}  # fmt: skip
