"""Verbs of special days: say that a shop is closed or open otherwise on some days, and take it back."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from o2o.kernel import journal
from o2o.kernel.errors import RuleBroken
from o2o.kernel.words import N_
from o2o.places.hours_special import Minutes
from o2o.shops import calendar, queries
from o2o.shops.models import Shop, SpecialDay

MOST_DAYS = 31  # of one range
MOST_OF_SHOP = 200
AHEAD = timedelta(days=366)
LONGEST_NOTE = 80
# How long days that are over are kept before the worker deletes them.
KEPT = timedelta(days=30)


def set_special(
    session: Session,
    *,
    shop_id: int,
    first: date,
    last: date,
    minutes: Minutes | None,
    now: datetime,
    note: str = "",
) -> int:
    """Say what holds on the days from first to last: closed (None), or open from minute to minute of the day.

    What was said of these days before is replaced. Side effects in order: the days, the shop's open interval, fact
    shop.changed. Returns how many days. Raises RuleBroken (422, with its field): days_over, days_turned, days_many,
    days_far, hours_turned, too_long.
    """
    shop = queries.shop(session, shop_id, lock=True, behind=True)
    town = queries.founded(session)
    words = " ".join(note.split())
    _check(first, last, minutes, words, today=now.astimezone(town.zone).date())
    _delete(session, shop_id, first, last)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    held = select(func.count()).select_from(SpecialDay).where(SpecialDay.shop_id == shop_id)
    if (session.scalar(held) or 0) + len(days) > MOST_OF_SHOP:
        sentence = N_("That is more than %(most)s special days. Take some back first.")
        raise _refuse("last", "days_many", sentence, most=MOST_OF_SHOP)
    begin, finish = minutes or (None, None)
    session.add_all(
        SpecialDay(shop_id=shop_id, day=day, from_minute=begin, to_minute=finish, note=words) for day in days
    )
    _settle(session, shop, now)
    return len(days)


def drop_special(session: Session, *, shop_id: int, first: date, last: date, now: datetime) -> int:
    """Let the ordinary week hold again on these days; return how many were special."""
    shop = queries.shop(session, shop_id, lock=True, behind=True)
    gone = _delete(session, shop_id, first, last)
    if gone:
        _settle(session, shop, now)
    return gone


def drop_past(session: Session, *, today: date) -> int:
    """Delete days that are over for KEPT; return how many."""
    done = session.execute(delete(SpecialDay).where(SpecialDay.day < today - KEPT))
    return int(done.rowcount)  # type: ignore[attr-defined]


def refresh_open(session: Session, *, shops: Iterable[Shop], now: datetime) -> None:
    """Store each shop's current or next open interval; none where the hours are unknown."""
    town, every = queries.founded(session), list(shops)
    special = calendar.special_days(session, every, now=now, town=town)
    for shop in every:
        parsed = calendar.hours_of(shop, town, special.get(shop.id, []))
        shop.open_from, shop.open_to = (parsed.next_interval(now) if parsed else None) or (None, None)


def _delete(session: Session, shop_id: int, first: date, last: date) -> int:
    theirs = (SpecialDay.shop_id == shop_id, SpecialDay.day.between(first, last))
    return int(session.execute(delete(SpecialDay).where(*theirs)).rowcount)  # type: ignore[attr-defined]


def _settle(session: Session, shop: Shop, now: datetime) -> None:
    session.flush()
    refresh_open(session, shops=[shop], now=now)
    shop.updated_at = now
    session.flush()
    journal.record(session, "shop.changed", shop_id=shop.id)


def _check(first: date, last: date, minutes: Minutes | None, note: str, *, today: date) -> None:
    if minutes is not None and not 0 <= minutes[0] < min(minutes[1], 1440) <= minutes[1] <= 2880:
        raise _refuse("closes", "hours_turned", N_("Each opening time needs a different closing time."))
    if first < today:
        raise _refuse("first", "days_over", N_("That day is over already."))
    if last < first:
        raise _refuse("last", "days_turned", N_("The last day comes before the first."))
    if last - first >= timedelta(days=MOST_DAYS):
        raise _refuse("last", "days_many", N_("At most %(most)s days at once."), most=MOST_DAYS)
    if last > today + AHEAD:
        raise _refuse("last", "days_far", N_("That is more than a year ahead."))
    if len(note) > LONGEST_NOTE:
        sentence = N_("Keep this within %(most)s characters.")
        raise _refuse("note", "too_long", sentence, most=LONGEST_NOTE)


def _refuse(field: str, code: str, sentence: str, **params: object) -> RuleBroken:
    return RuleBroken(code, sentence, status=422, field=field, **params)
