"""Getters of guides; a draft is there for the operator only."""

from typing import NamedTuple, Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.guides.models import Entry, Guide
from o2o.kernel.errors import NotAllowed
from o2o.shops.models import VISIBLE, Shop


class Titled(Protocol):
    """Anything with a guide's texts."""

    @property
    def title_zh(self) -> str: ...
    @property
    def title_en(self) -> str: ...
    @property
    def about_zh(self) -> str: ...
    @property
    def about_en(self) -> str: ...


class Listed(NamedTuple):
    """A guide in a list: how many shops it shows, and the category of its first."""

    guide: Guide
    size: int
    category: str


class Place(NamedTuple):
    """A shop in a guide as pages need it."""

    shop: Shop
    note: str
    is_paid: bool


def title(row: Titled, locale: str) -> str:
    """Say a guide's title in Chinese for a zh locale, else in English."""
    return row.title_zh if locale.startswith("zh") else row.title_en


def about(row: Titled, locale: str) -> str:
    """Say what a guide is about, in the other language where only that is written."""
    here, there = row.about_zh, row.about_en
    return (here or there) if locale.startswith("zh") else (there or here)


def guide(session: Session, guide_id: int, *, lock: bool = False) -> Guide:
    """Return a guide, NotAllowed when there is none; `lock` holds off other changes until the commit."""
    row = session.get(Guide, guide_id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise NotAllowed
    return row


def shown_guide(session: Session, guide_id: int, *, is_operator: bool) -> Guide:
    """Return a public guide, or a draft to the operator; NotAllowed otherwise."""
    row = guide(session, guide_id)
    if row.state != "public" and not is_operator:
        raise NotAllowed
    return row


def stops(session: Session, guide_id: int) -> list[Place]:
    """List a guide's shops that are there, in its order."""
    rows = (
        select(Shop, Entry.note, Entry.is_paid)
        .join(Entry, Entry.shop_id == Shop.id)
        .where(Entry.guide_id == guide_id, Shop.status.in_(VISIBLE))
        .order_by(Entry.number)
    )
    return [Place(*row) for row in session.execute(rows)]


def guides(session: Session, *, public_only: bool) -> list[Listed]:
    """List the guides, the last changed first."""
    inside = (
        select(Entry.guide_id, func.count().label("count"), func.min(Entry.number).label("first"))
        .join(Shop, Shop.id == Entry.shop_id)
        .where(Shop.status.in_(VISIBLE))
        .group_by(Entry.guide_id)
        .subquery()
    )
    rows = (
        select(Guide, func.coalesce(inside.c.count, 0), func.coalesce(Shop.category, ""))
        .outerjoin(inside, inside.c.guide_id == Guide.id)
        .outerjoin(Entry, (Entry.guide_id == Guide.id) & (Entry.number == inside.c.first))
        .outerjoin(Shop, Shop.id == Entry.shop_id)
        .order_by(Guide.updated_at.desc(), Guide.id.desc())
    )
    if public_only:
        rows = rows.where(Guide.state == "public", inside.c.count > 0)
    return [Listed(*row) for row in session.execute(rows)]


def has_public(session: Session) -> bool:
    """Tell whether there is a guide for everybody."""
    return session.scalar(select(Guide.id).where(Guide.state == "public").limit(1)) is not None
