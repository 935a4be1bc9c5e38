"""What the operator asks of every shop: the lines of the checklist, and the terms for merchants."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.checklist import queries as checklist
from o2o.checklist.models import KINDS, MerchantTerms, Requirement
from o2o.checklist.queries import BUILT, OWN
from o2o.checklist.rules import ensure
from o2o.kernel import journal
from o2o.kernel.db import new_id
from o2o.kernel.errors import BadInput, RuleBroken
from o2o.kernel.words import N_
from o2o.papers import rules as papers

TEXTS = {"title_zh": 80, "title_en": 80, "help_zh": 300, "help_en": 300}
LONGEST_TERMS = 20_000
MOST_LINES = 30
CHUNK = 200  # shops weighed with the change; the worker weighs the rest


def set_requirement(
    session: Session,
    *,
    key: str,
    is_on: bool,
    due_at: datetime | None = None,
    now: datetime,
    weigh: int = CHUNK,
    **values: Any,
) -> Requirement:
    """Change a line: whether it is asked, its kind, words, what it asks for, and when it is due for admitted shops.

    `values` are kind, asks_text, asks_photo, asks_expiry, position and the texts of TEXTS; what is not given stays.
    At most `weigh` shops are weighed at once, the rest by the worker. BadInput (422) names the wrong field, NotAllowed
    for an unknown key. The operator must say a due time that is still to come; one that stands already may stay.
    """
    ensure(session)
    row = checklist.requirement(session, key)
    if due_at is not None and due_at != row.due_at and due_at <= now:
        raise BadInput("past", N_("Choose a day that is still to come."), status=422, field="due_at")
    _say(row, values)
    row.is_on, row.due_at = is_on, due_at
    session.flush()
    journal.record(session, "requirement.changed", requirement_id=row.id)
    papers.weigh_all(session, most=weigh)
    return row


def add_requirement(
    session: Session,
    *,
    kind: str,
    title_zh: str,
    title_en: str,
    now: datetime,
    weigh: int = CHUNK,
    **values: Any,
) -> Requirement:
    """Write a line of the operator's own (attested or verified); `values` as for set_requirement, with due_at."""
    ensure(session)
    if (session.scalar(select(func.count(Requirement.id))) or 0) >= MOST_LINES:
        raise RuleBroken("many_lines", N_("A checklist has at most %(most)s lines."), most=MOST_LINES)
    due_at = values.pop("due_at", None)
    last = session.scalar(select(func.max(Requirement.position))) or 0
    row = Requirement(key=f"{OWN}{new_id()}", kind="attested", position=last + 1, created_at=now, is_on=True)
    _say(row, {"kind": kind, "title_zh": title_zh, "title_en": title_en, **values})
    session.add(row)
    session.flush()
    return set_requirement(session, key=row.key, is_on=True, due_at=due_at, now=now, weigh=weigh)


def publish_terms(
    session: Session,
    *,
    text_zh: str,
    text_en: str,
    due_at: datetime,
    account_id: int,
    now: datetime,
    weigh: int = CHUNK,
) -> MerchantTerms:
    """Publish the next terms for merchants; who sells already has until `due_at`. Everybody is told by the worker.

    BadInput (422) for a missing or overlong text and for a due time that is over.
    """
    ensure(session)
    texts = {"text_zh": text_zh.strip(), "text_en": text_en.strip()}
    for field, text in texts.items():
        if not 1 <= len(text) <= LONGEST_TERMS:
            sentence = N_("Write the terms in both languages.")
            raise BadInput("no_terms", sentence, status=422, field=field)
    if due_at <= now:
        raise BadInput("past", N_("Choose a day that is still to come."), status=422, field="due_at")
    newest = session.scalar(select(func.max(MerchantTerms.version))) or 0
    row = MerchantTerms(version=newest + 1, due_at=due_at, published_at=now, published_by=account_id, **texts)
    session.add(row)
    session.flush()
    journal.record(session, "merchant_terms.published", version=row.version)
    papers.weigh_all(session, most=weigh)
    return row


def _say(row: Requirement, values: dict[str, Any]) -> None:
    """Write the given values of a line, each within its bounds."""
    for field, most in TEXTS.items():
        text = (
            str(values[field] or "").strip() if values.get(field) is not None else getattr(row, field) or ""
        )
        if len(text) > most:
            sentence = N_("Keep this within %(most)s characters.")
            raise BadInput("too_long", sentence, status=422, field=field, most=most)
        if row.key.startswith(OWN) and field.startswith("title") and not text:
            raise BadInput("no_title", N_("Name it in both languages."), status=422, field=field)
        setattr(row, field, text)
    kind = values.get("kind") or row.kind
    kinds = BUILT[row.key].kinds if row.key in BUILT else ("attested", "verified")
    if kind not in KINDS or kind not in kinds:
        raise BadInput("bad_kind", N_("Choose one of the listed answers."), status=422, field="kind")
    row.kind = kind
    for field in ("asks_text", "asks_photo", "asks_expiry", "position"):
        if values.get(field) is not None:
            setattr(row, field, values[field])
