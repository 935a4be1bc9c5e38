"""What waits for somebody of a shop: each thing a line that leads to where it is done."""

from datetime import datetime, timedelta
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.checkin import queries as checkin
from o2o.checklist.queries import title_of
from o2o.conduct import queries as conduct
from o2o.conflicts import queries as conflicts
from o2o.kernel.calendar import day_words, last_moment
from o2o.kernel.locales import choose_locale, html_lang, said
from o2o.leaving import queries as leaving
from o2o.offers.queries import Listed
from o2o.papers import queries as papers
from o2o.reviews import queries as reviews
from o2o.shops.queries import Desk, TownInfo
from o2o.tills import queries as tills

# What ends later is no news yet.
SOON = timedelta(days=30)


class Waiting(NamedTuple):
    """One line: kind ("wait", "bad" or "info"), icon, text, and the address below the shop's desk."""

    kind: str
    icon: str
    text: str
    url: str


class Counts(NamedTuple):
    """How many of each thing wait in a shop, and when it closes."""

    tills: int
    conflicts: int
    reviews: int
    sanctions: int
    closes_at: datetime | None


def waiting(
    session: Session, desk: Desk, town: TownInfo, listed: list[Listed], now: datetime
) -> list[Waiting]:
    """List what waits for this visitor, the most urgent first."""
    base = f"/console/{desk.shop.id}"
    found = [*at_the_counter(session, desk, now)]
    if not desk.is_manager:
        return found
    counts = counted(session, desk)
    found = [*held_against(counts, base), *found, *to_write(counts, base, listed)]
    if desk.is_owner:
        found = [*running_out(session, desk, town, now), *closing(counts, town, base), *found]
        found += at_the_tills(counts, base)
    return found


def counted(session: Session, desk: Desk) -> Counts:
    """Count in one statement."""
    shop_id = desk.shop.id
    asked = (
        tills.waiting_in(shop_id),
        conflicts.unseen_in(shop_id, desk.since),
        reviews.unanswered_in(shop_id),
        conduct.standing_in(shop_id),
        leaving.closes_in(shop_id),
    )
    return Counts(*session.execute(select(*(one.scalar_subquery() for one in asked))).one())


def at_the_counter(session: Session, desk: Desk, now: datetime) -> list[Waiting]:
    """Count who checked in and was not confirmed yet."""
    arrived = checkin.arrivals(session, shop_id=desk.shop.id, now=now)
    count = sum(one.visit.confirmed_at is None for one in arrived)
    if not count:
        return []
    text = ngettext("%(num)d guest checked in just now", "%(num)d guests checked in just now", count)
    return [Waiting("info", "stamp", text, f"/till/arrivals?shop={desk.shop.id}")]


def held_against(counts: Counts, base: str) -> list[Waiting]:
    """Say that a sanction stands."""
    if not counts.sanctions:
        return []
    text = _("The platform took a step against this shop. See why, and object.")
    return [Waiting("bad", "alert", text, f"{base}/sanctions")]


def to_write(counts: Counts, base: str, listed: list[Listed]) -> list[Waiting]:
    """Count drafts, and reviews that nobody answered."""
    found = []
    drafts = sum(row.offer.state == "draft" for row in listed)
    if drafts:
        text = ngettext("%(num)d offer is a draft", "%(num)d offers are drafts", drafts)
        found.append(Waiting("info", "edit", text, f"{base}/offers"))
    if counts.reviews:
        text = ngettext(
            "%(num)d review without an answer", "%(num)d reviews without an answer", counts.reviews
        )
        found.append(Waiting("info", "message", text, f"{base}/reviews"))
    return found


def running_out(session: Session, desk: Desk, town: TownInfo, now: datetime) -> list[Waiting]:
    """Name what ends the right to sell, once that is near."""
    until = desk.shop.sells_until
    if until is None or until - now > SOON:
        return []
    found = []
    for line in papers.warnings(session, desk.shop.id, now):
        title = said(title_of(line.requirement, html_lang()))
        day = day_words(line.until if line.is_over else last_moment(line.until), town.zone, choose_locale())
        text = (
            _("Not selling since %(day)s: %(what)s", day=day, what=title)
            if line.is_over
            else _("Sells until %(day)s only: %(what)s", day=day, what=title)
        )
        kind = "bad" if line.is_over else "wait"
        found.append(Waiting(kind, "clock", text, f"/console/{desk.shop.id}/admission"))
    return found


def closing(counts: Counts, town: TownInfo, base: str) -> list[Waiting]:
    """Say when the shop closes."""
    if counts.closes_at is None:
        return []
    day = day_words(counts.closes_at, town.zone, choose_locale())
    return [Waiting("wait", "out", _("This shop closes on %(day)s", day=day), f"{base}/leave")]


def at_the_tills(counts: Counts, base: str) -> list[Waiting]:
    """Count phones that ask to be tills, and conflicts that nobody looked at."""
    found = []
    if counts.tills:
        text = ngettext(
            "%(num)d phone asks to become a till.", "%(num)d phones ask to become tills.", counts.tills
        )
        found.append(Waiting("wait", "device", text, f"{base}/tills"))
    if counts.conflicts:
        text = ngettext("%(num)s new conflict", "%(num)s new conflicts", counts.conflicts)
        found.append(Waiting("wait", "scale", text, f"{base}/conflicts"))
    return found
