"""What is asked of every shop: the operator's rows, or the house's own lines while there are none."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.checklist import catalogue
from o2o.checklist.catalogue import BUILT
from o2o.checklist.models import MerchantTerms, Requirement
from o2o.kernel import clock

FIRST = 1  # the version that the house itself wrote


def requirements(session: Session, *, only_on: bool = True) -> list[Requirement]:
    """List what is asked, in the operator's order; the catalogue's lines, which have no id, before ensure()."""
    rows = list(session.scalars(select(Requirement).order_by(Requirement.position, Requirement.id)))
    return [row for row in rows or defaults() if row.is_on or not only_on]


def defaults() -> list[Requirement]:
    """Make the catalogue's lines as rows that belong to no session."""
    now = clock.now()
    return [
        Requirement(
            key=key, kind=line.kind, is_on=line.is_on, title_zh="", title_en="", help_zh="", help_en="",
            asks_text=line.asks_text, asks_photo=line.asks_photo, asks_expiry=line.asks_expiry,
            position=number, created_at=now,
        )
        for number, (key, line) in enumerate(BUILT.items(), 1)
    ]  # fmt: skip


def terms(session: Session) -> MerchantTerms:
    """Return the newest terms for merchants; the house's own, in no session, before any were written."""
    row = session.scalars(select(MerchantTerms).order_by(MerchantTerms.version.desc()).limit(1)).first()
    return row or first_terms()


def terms_versions(session: Session) -> Sequence[MerchantTerms]:
    """List the terms for merchants that were written, the oldest first."""
    return session.scalars(select(MerchantTerms).order_by(MerchantTerms.version)).all()


def first_terms() -> MerchantTerms:
    """Make version 1, which nobody published and which therefore stops nobody from selling."""
    now = clock.now()
    texts = {"text_zh": catalogue.TERMS_ZH, "text_en": catalogue.TERMS_EN}
    return MerchantTerms(version=FIRST, due_at=now, published_at=now, published_by=None, **texts)


def title_of(row: Requirement, locale: str) -> str:
    """Name a line: in the operator's words where there are some, else the house's (a msgid)."""
    line = BUILT.get(row.key)
    return _said(row.title_zh, row.title_en, locale) or (line.title if line else row.key)


def help_of(row: Requirement, locale: str) -> str:
    """Say what a line is for, as title_of does."""
    line = BUILT.get(row.key)
    return _said(row.help_zh, row.help_en, locale) or (line.help if line else "")


def place_of(row: Requirement) -> str:
    """Name the part of the desk where a computed line is put right; nothing for others."""
    line = BUILT.get(row.key)
    return line.place if line else ""


def _said(in_zh: str, in_en: str, locale: str) -> str:
    here, there = (in_zh, in_en) if locale.startswith("zh") else (in_en, in_zh)
    return here or there
