"""What the pages of admission print: lines in the reader's words, and what each lets the visitor do."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.calendar import day_words
from o2o.onboarding import queries
from o2o.onboarding.checklist import Line
from o2o.onboarding.expiry import SELLING
from o2o.onboarding.models import Claim, Requirement
from o2o.shops import queries as shops
from o2o.shops.queries import Desk

_SECOND = timedelta(seconds=1)


class Shown(NamedTuple):
    """A line ready to print; `until` is the day on which it ends the right to sell, `mine` whose answer it is."""

    line: Line
    key: str
    title: str
    help: str
    place: str
    until: str
    is_over: bool
    mine: bool
    may_answer: bool


class Asked(NamedTuple):
    """A line as somebody reads it who has not claimed yet."""

    title: str
    help: str


def ask_lines(session: Session, locale: str) -> list[Asked]:
    """Name what will be asked, in its order."""
    return [Asked(said(queries.title_of(row, locale)), said(queries.help_of(row, locale)))
            for row in queries.requirements(session)]  # fmt: skip


def papers(session: Session, shop_id: int, account_id: int, *, locale: str) -> dict[str, Any]:
    """Read all that the page of papers shows one visitor."""
    desk = shops.desk(session, account_id=account_id, shop_id=shop_id, locale=locale)
    claim, now, terms = queries.claim_of(session, shop_id), clock.now(), queries.terms(session)
    lines = shown_lines(session, claim, desk, account_id, now=now, locale=locale) if claim else []
    return {
        "desk": desk,
        "claim": claim,
        "lines": lines,
        "left": sum(one.line.is_open for one in lines),
        "terms": terms.text_zh if locale.startswith("zh") else terms.text_en,
        "version": terms.version,
        "is_mine": claim is not None and claim.account_id == account_id,
    }


def shown_lines(
    session: Session, claim: Claim, desk: Desk, account_id: int, *, now: datetime, locale: str
) -> list[Shown]:
    """Print a claim's checklist for one visitor."""
    zone = shops.founded(session).zone
    is_open = claim.state in ("onboarding", "approved", "suspended")
    may = is_open and (desk.is_owner or claim.account_id == account_id)
    found = []
    for line in queries.checklist(session, claim, now):
        row, until = line.requirement, line.until if claim.state in SELLING else None
        found.append(
            Shown(
                line,
                row.key,
                said(queries.title_of(row, locale)),
                said(queries.help_of(row, locale)),
                queries.place_of(row),
                day_words(last_moment(until), zone, locale) if until else "",
                until is not None and until <= now,
                line.submission is not None and line.submission.account_id == account_id,
                may and row.kind != "computed",
            )
        )
    return found


def last_moment(until: datetime) -> datetime:
    """Step back into the last day on which something holds."""
    return until.replace(microsecond=0) - _SECOND


def said(text: str) -> str:
    """Say the house's words in the reader's language; the operator's stand as they are."""
    return str(_(text)) if text else ""


def asks(row: Requirement) -> bool:
    """Tell whether a line asks for more than a yes."""
    return row.asks_text or row.asks_photo or row.asks_expiry
