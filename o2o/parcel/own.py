"""Which rows of a carried table began with the present owners: what a former one left is no luggage of the next."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Table, false, func, or_, select, true

from o2o.kernel.db import Base
from o2o.ledger.models import Posting
from o2o.parcel.queries import own_postings

Began = Callable[[Table, int, datetime], ColumnElement[bool]]


def at(column: str) -> Began:
    """Take the rows whose own moment is later."""
    return lambda table, _shop_id, since: table.c[column] > since


def whole(_table: Table, _shop_id: int, _since: datetime) -> ColumnElement[bool]:
    """Take every row: it is public, or a closing leaves none of a former owner's."""
    return true()


def none(_table: Table, _shop_id: int, _since: datetime) -> ColumnElement[bool]:
    """Take no row: it sums up everybody's."""
    return false()


def through(name: str, column: str, moment: str, *, key: str = "id") -> Began:
    """Take the rows that point to one of another table whose moment is later."""

    def began(table: Table, _shop_id: int, since: datetime) -> ColumnElement[bool]:
        parent = Base.metadata.tables[name]
        return table.c[column].in_(select(parent.c[key]).where(parent.c[moment] > since))

    return began


def _said(table: Table, _shop_id: int, since: datetime) -> ColumnElement[bool]:
    """Take the private lines about what happened later."""
    uses, visits = Base.metadata.tables["redemption"], Base.metadata.tables["visit"]
    used = select(uses.c.at).where(uses.c.id == table.c.redemption_id).scalar_subquery()
    came = select(visits.c.at).where(visits.c.id == table.c.visit_id).scalar_subquery()
    return func.coalesce(used, came, table.c.at) > since


def _held(table: Table, _shop_id: int, since: datetime) -> ColumnElement[bool]:
    """Take the claim that made them owners, however long it had waited."""
    return or_(table.c.created_at > since, table.c.state != "closed")


def _handed_in(table: Table, shop_id: int, since: datetime) -> ColumnElement[bool]:
    claims = Base.metadata.tables["shop_claim"]
    return table.c.claim_id.in_(select(claims.c.id).where(_held(claims, shop_id, since)))


def _posted(_table: Table, shop_id: int, since: datetime) -> ColumnElement[bool]:
    return own_postings(shop_id, since)


def _legs(table: Table, shop_id: int, since: datetime) -> ColumnElement[bool]:
    return table.c.posting_id.in_(select(Posting.id).where(own_postings(shop_id, since)))


OWN: Final[dict[str, Began]] = {
    "shop": whole,
    "special_day": whole,
    "menu_line": whole,
    "picture": whole,
    "offer": at("created_at"),
    "terms": at("created_at"),
    "offer_plan": through("offer", "offer_id", "created_at"),
    "pass": at("issued_at"),
    "purchase": at("created_at"),
    "redemption": at("at"),
    "refund": through("pass", "pass_id", "issued_at"),
    "book": none,
    "posting": _posted,
    "leg": _legs,
    "balance": none,
    "conflict": through("claim", "claim_id", "at"),
    "guest": at("last_at"),
    "guest_note": at("at"),
    "review": whole,
    "reply": whole,
    "answer": through("redemption", "redemption_id", "at"),
    "line": _said,
    "role": at("created_at"),
    "invite": at("created_at"),
    "act": at("at"),
    "till": at("asked_at"),
    "till_entry": at("at"),
    "claim": at("at"),
    "scan": at("at"),
    "offline_rules": whole,
    "poster": at("created_at"),
    "poster_day": through("poster", "poster_id", "created_at"),
    "shop_claim": _held,
    "submission": _handed_in,
    "sanction": at("created_at"),
    "payout": at("created_at"),
    "branch": at("joined_at"),
    "shared_part": through("offer", "offer_id", "created_at"),
    "closing": at("asked_at"),
}
