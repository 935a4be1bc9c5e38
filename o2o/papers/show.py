"""What the page of papers prints: lines in the reader's words, and what each lets the visitor do."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from o2o.checklist import queries as checklist
from o2o.checklist.models import Requirement
from o2o.kernel import clock
from o2o.kernel.calendar import day_words, last_moment
from o2o.kernel.locales import said
from o2o.onboarding import queries as claims
from o2o.onboarding.models import SELLING, Claim
from o2o.papers import queries
from o2o.papers.standing import Line
from o2o.shops import queries as shops
from o2o.shops.queries import Desk


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


def papers(session: Session, shop_id: int, account_id: int, *, locale: str) -> dict[str, Any]:
    """Read all that the page of papers shows one visitor."""
    desk = shops.desk(session, account_id=account_id, shop_id=shop_id, locale=locale)
    claim, now, terms = claims.claim_of(session, shop_id), clock.now(), checklist.terms(session)
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
                said(checklist.title_of(row, locale)),
                said(checklist.help_of(row, locale)),
                checklist.place_of(row),
                day_words(last_moment(until), zone, locale) if until else "",
                until is not None and until <= now,
                line.submission is not None and line.submission.account_id == account_id,
                may and row.kind != "computed",
            )
        )
    return found


def asks(row: Requirement) -> bool:
    """Tell whether a line asks for more than a yes."""
    return row.asks_text or row.asks_photo or row.asks_expiry
