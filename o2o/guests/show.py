"""Guests, looks and shops ready to print."""

from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from o2o.guests import queries
from o2o.guests.models import Guest
from o2o.guests.queries import Known, Met, Seen
from o2o.kernel import clock
from o2o.kernel.calendar import dated_words
from o2o.kernel.locales import html_lang
from o2o.kernel.money import format_money
from o2o.kernel.words import N_
from o2o.redemption import queries as redemption
from o2o.redemption.looks import LookLine, look_line
from o2o.redemption.models import Redemption
from o2o.refunds.models import Refund
from o2o.shops import queries as shops
from o2o.shops.models import VISIBLE
from o2o.shops.queries import TownInfo

SORT_WORDS = {
    "last": N_("Last seen"),
    "visits": N_("Visits"),
    "uses": N_("Redemptions"),
    "spent": N_("Spend"),
}
LOOKED = {
    "list": N_("A shop's list of guests"),
    "card": N_("Your card at a shop"),
    "export": N_("A shop's copy of its guests"),
}
ROLES = {"owner": N_("Owner"), "manager": N_("Manager")}


class Line(NamedTuple):
    """A guest in the shop's list; a plain copy, since the look that is written next ends the transaction."""

    account_id: int
    key: str
    alias: str
    visits: int
    uses: int
    spent: str
    last: str
    is_agreed: bool


class Look(NamedTuple):
    """A look, of whichever kind, with its sign."""

    at: datetime
    icon: str
    line: LookLine


class Row(NamedTuple):
    """A visit, a use, a refund or a note on a card."""

    id: Any
    time: str
    text: str = ""
    value: str = ""
    is_undone: bool = False


def line(met: Met, town: TownInfo) -> Line:
    """Word a guest for the list."""
    guest, spent = met.guest, format_money(met.spent, town.currency, html_lang())
    last, is_agreed = said(guest.last_at, town), guest.agreed_at is not None
    return Line(guest.account_id, guest.key, alias_of(guest), met.visits, met.uses, spent, last, is_agreed)


def alias_of(guest: Guest) -> str:
    """Name a guest as the shop's staff know them."""
    return shops.guest_alias(guest.account_id, guest.shop_id, html_lang())


def card(session: Session, guest: Guest, town: TownInfo, since: datetime | None) -> dict[str, Any]:
    """Give what a guest's card prints at a desk that knows them `since` then."""
    names = {row.account_id: row.name for row in shops.members(session, guest.shop_id)}
    notes = queries.notes(session, [guest.id])[guest.id]
    gone = _("Somebody who left")
    return {
        "guest": line(queries.met(session, guest, since), town),
        "since": said(queries.first_at(session, guest, since), town),
        "contact": guest.contact if guest.agreed_at else "",
        "visits": [Row(row.id, said(row.at, town)) for row in queries.visits(session, guest, since)],
        "uses": [_use(row, title, town) for row, title in queries.uses(session, guest, since)],
        "refunds": [_refund(row, title, town) for row, title in queries.refunds(session, guest, since)],
        "notes": [Row(row.id, said(row.at, town), row.text, names.get(row.staff_id, gone)) for row in notes],
    }


def _use(row: Redemption, title: str, town: TownInfo) -> Row:
    is_undone = row.annulled_at is not None
    return Row(
        row.id, said(row.at, town), title, format_money(row.value, row.currency, html_lang()), is_undone
    )


def _refund(row: Refund, title: str, town: TownInfo) -> Row:
    return Row(
        row.id, said(row.requested_at, town), title, format_money(row.amount, row.currency, html_lang())
    )


def said(at: datetime, town: TownInfo) -> str:
    """Say a moment as the town's clocks show it."""
    return dated_words(at, clock.now(), town.zone, html_lang())


def looks(session: Session, account_id: int, zone: ZoneInfo) -> list[Look]:
    """List scans of somebody's passes and looks at what shops keep of them, the latest first."""
    scans = [Look(row.scan.at, "scan", look_line(row, zone)) for row in redemption.looks(session, account_id)]
    seen = [Look(row.look.at, "user", _seen(row, zone)) for row in queries.looks(session, account_id)]
    return sorted((*scans, *seen), key=lambda look: look.at, reverse=True)[: queries.LOOKS]


def _seen(row: Seen, zone: ZoneInfo) -> LookLine:
    by = _(ROLES[row.role]) if row.role in ROLES else _("Somebody who left")
    shop = shops.shop_name(row.shop, html_lang())
    return LookLine(
        dated_words(row.look.at, clock.now(), zone, html_lang()),
        _(LOOKED[row.look.what]),
        shop,
        "quiet",
        by,
        f"/me/shops#shop-{row.shop.id}",
    )


def knowing(known: Known, town: TownInfo) -> dict[str, Any]:
    """Word one shop that knows somebody."""
    guest = known.met.guest
    return {
        **line(known.met, town)._asdict(),
        "id": known.shop.id,
        "name": shops.shop_name(known.shop, html_lang()),
        "is_there": known.shop.status in VISIBLE,
        "first": said(guest.first_at, town),
        "contact": guest.contact,
        "notes": [Row(row.id, said(row.at, town), row.text) for row in known.notes],
    }
