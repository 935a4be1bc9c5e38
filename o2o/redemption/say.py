"""Put the till's answers into the words and clock of its staff."""

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_timedelta
from flask import Response
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.calendar import hour_span, moment_words, time_words, weekday_span
from o2o.kernel.locales import choose_locale, html_lang
from o2o.kernel.web import problem
from o2o.redemption import queries
from o2o.redemption.answer import Answer, Sight
from o2o.shops import queries as shops


class Said(NamedTuple):
    """An answer in the reader's language; kind is ok, wait or no."""

    kind: str
    word: str
    sentence: str
    advice: str
    code: str


def say(session: Session, answer: Answer, *, shop_id: int) -> Said:
    """Word an answer for the staff of this shop."""
    words = answer.words
    params = _params(session, answer, shop_id)
    sentence, advice = _(words.sentence) % params, _(words.advice) % params
    return Said(words.kind, _(words.word), sentence, advice, answer.reason)


def refuse(session: Session, answer: Answer, *, shop_id: int) -> Response:
    """Give a refusal to a machine: the code is the reason."""
    said = say(session, answer, shop_id=shop_id)
    return problem(
        answer.status, said.code, said.sentence, detail=said.advice, kind=said.kind, word=said.word
    )


def when(at: datetime, zone: ZoneInfo) -> str:
    """Say a moment: the time alone today, the day with it otherwise."""
    if at.astimezone(zone).date() == clock.now().astimezone(zone).date():
        return time_words(at, zone)
    return moment_words(at, zone, html_lang())


def hours(weekdays: int, from_minute: int | None, to_minute: int | None) -> str:
    """Say on which days and hours something holds; empty when always."""
    days, span = weekday_span(weekdays, html_lang()), hour_span(from_minute, to_minute)
    if not days and not span:
        return ""
    return " ".join(part for part in (days or _("every day"), span) if part)


def age_words(seconds: int) -> str:
    """Say so many seconds in their greatest unit: 40 seconds, 2 minutes, 3 hours."""
    words: str = format_timedelta(timedelta(seconds=seconds), threshold=2, locale=choose_locale())
    return words


def _params(session: Session, answer: Answer, shop_id: int) -> dict[str, str | int]:
    zone = shops.founded(session).zone
    params: dict[str, str | int] = {"left": answer.uses_left, "asked": answer.quantity}
    params["at"] = params["used_at"] = when(answer.at, zone) if answer.at else ""
    params["used_by"] = _("a colleague")
    params["age"] = "" if answer.age is None else age_words(answer.age)
    params["till"] = queries.till_name(session, answer.till_id)
    if answer.by and not answer.is_ok:
        params["used_by"] = queries.staff_name(session, shop_id=shop_id, account_id=answer.by)
    if answer.sight:
        params |= _sight_params(answer.sight, zone)
    return params


def _sight_params(sight: Sight, zone: ZoneInfo) -> dict[str, str | int]:
    name = (sight.shop_name_zh if html_lang().startswith("zh") else sight.shop_name_en) or sight.shop_name
    return {
        "shop": name,
        "address": sight.shop_address or name,
        "from": when(sight.not_before, zone),
        "until": when(sight.expires, zone),
        "when": hours(sight.weekdays, sight.from_minute, sight.to_minute),
    }
