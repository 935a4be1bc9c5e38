"""Reads of the record: what stands against a shop, what counts, how often each step was taken."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from o2o.conduct import rules
from o2o.conduct.models import STANDING, STEPS, Sanction
from o2o.shops import queries as shops

PAGE = 20
STANDS = Sanction.state.in_(STANDING)


class Count(NamedTuple):
    """How often a step was taken: rows that stand, rows ever written, rows lifted after an appeal."""

    step: str
    standing: int
    ever: int
    lifted: int


def standing(session: Session, shop_id: int) -> dict[str, Sanction]:
    """Return the sanctions of a shop that stand, by step; at most one each."""
    rows = session.scalars(select(Sanction).where(Sanction.shop_id == shop_id, STANDS))
    return {row.step: row for row in rows}


def standing_in(shop_id: int) -> Select[int]:
    """Give the statement that counts the sanctions of a shop that stand."""
    return select(func.count()).select_from(Sanction).where(Sanction.shop_id == shop_id, STANDS)


def holds(row: Sanction, now: datetime) -> bool:
    """Tell whether a sanction has its effect: one whose days are over has none, even while an appeal is open."""
    return row.state in STANDING and (row.ends_at is None or now < row.ends_at)


def counting(session: Session, *, shop_id: int, now: datetime) -> set[str]:
    """Return the steps that count as taken: they stand, or ended by themselves within COUNTS_FOR.

    What a former owner did counts against nobody else.
    """
    lately = and_(Sanction.state == "over", Sanction.ends_at > now - rules.COUNTS_FOR)
    rows = select(Sanction.step).where(Sanction.shop_id == shop_id, or_(STANDS, lately))
    return set(session.scalars(rows.where(since(session, shop_id))))


def since(session: Session, shop_id: int) -> ColumnElement[bool]:
    """Say which sanctions of a shop are against whoever owns it now."""
    before = shops.others_until(session, shop_id)
    return true() if before is None else Sanction.created_at > before


def of_shop(
    session: Session, *, shop_id: int, number: int = 1, every: bool = True
) -> tuple[list[Sanction], bool]:
    """Return a page of a shop's sanctions, the newest first, and whether there is more; pages count from 1.

    Those against a former owner are for the operator (`every`): evidence and objection are between those two.
    """
    rows = select(Sanction).where(Sanction.shop_id == shop_id)
    rows = rows if every else rows.where(since(session, shop_id))
    rows = rows.order_by(Sanction.created_at.desc(), Sanction.id.desc())
    found = session.scalars(rows.offset((number - 1) * PAGE).limit(PAGE + 1)).all()
    return list(found[:PAGE]), len(found) > PAGE


def counts(session: Session) -> list[Count]:
    """Count the rows of each step, in the ladder's order."""
    appealed = and_(Sanction.state == "lifted", Sanction.appealed_at.is_not(None))
    rows = session.execute(
        select(Sanction.step, _how_many(STANDS), func.count(), _how_many(appealed)).group_by(Sanction.step)
    )
    found = {row[0]: Count(*row) for row in rows}
    return [found.get(step, Count(step, 0, 0, 0)) for step in STEPS]


def _how_many(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
