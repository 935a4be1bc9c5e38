"""Facts: what happened, written with the change itself, and delivered to the rooms upstairs afterwards.

No signals and no broker: a fact is a row, a reaction claims its delivery by a conditional update, and the
effect and the claim are one transaction. Failures keep their error and are tried again by the worker.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, insert, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, mapped_column

from o2o.kernel import actor, clock
from o2o.kernel.checks import invariant
from o2o.kernel.db import Base, Instant, begin_write, bigpk
from o2o.kernel.errors import Busy

log = logging.getLogger("o2o.journal")
Reaction = Callable[[Session, "Fact"], None]
REACTIONS: dict[str, dict[str, Reaction]] = {}
TRIES = 8
FRESH_FACTS = "o2o_fresh_facts"
# The worker delivers every few seconds; what waits so long means that no worker runs, or that a reaction fails.
LONGEST_WAIT = timedelta(minutes=10)


class Fact(Base):
    """Something that happened, with ids only: no names, no texts."""

    __tablename__ = "fact"

    id: Mapped[bigpk]
    name: Mapped[str] = mapped_column(String(60), index=True)
    ids: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(String(40))
    request_id: Mapped[str] = mapped_column(String(40))


class Delivery(Base):
    """One reaction's claim on one fact."""

    __tablename__ = "delivery"
    __table_args__ = (Index("ix_delivery_due", "state", "due"),)

    fact_id: Mapped[int] = mapped_column(ForeignKey("fact.id"), primary_key=True)
    reaction: Mapped[str] = mapped_column(String(120), primary_key=True)
    state: Mapped[str] = mapped_column(String(10), default="pending")
    tries: Mapped[int] = mapped_column(default=0)
    due: Mapped[datetime] = mapped_column(Instant)
    error: Mapped[str | None] = mapped_column(String(500))


def reacts_to(*names: str) -> Callable[[Reaction], Reaction]:
    """Register a function `(session, fact)` for facts of these names; it must neither commit nor call outside."""

    def register(reaction: Reaction) -> Reaction:
        key = f"{reaction.__module__.removeprefix('o2o.')}.{reaction.__name__}"
        for name in names:
            REACTIONS.setdefault(name, {})[key] = reaction
        return reaction

    return register


def record(session: Session, name: str, **ids: Any) -> Fact:
    """Write a fact in the caller's transaction, with one pending delivery per reaction."""
    return record_all(session, name, [ids])[0]


def record_all(session: Session, name: str, facts: Sequence[Mapping[str, Any]]) -> list[Fact]:
    """Write many facts of one name, each by its ids, as `record` does: two statements however many there are."""
    who = actor.current()
    now = clock.now()
    written = [
        Fact(name=name, ids=dict(ids), at=now, actor=who.label, request_id=who.request_id) for ids in facts
    ]
    session.add_all(written)
    session.flush()
    due = [
        {"fact_id": fact.id, "reaction": reaction, "due": now}
        for fact in written
        for reaction in REACTIONS.get(name, {})
    ]
    if due:
        session.execute(insert(Delivery), due)
    session.info.setdefault(FRESH_FACTS, []).extend(fact.id for fact in written)
    return written


def deliver(session: Session, *, everything: bool = False, most: int = 200) -> int:
    """Run pending reactions, those of this session's own facts or everything due; return how many were done.

    What a request has committed is done: where the database is busy afterwards, its own facts wait for the worker.
    """
    fresh = session.info.pop(FRESH_FACTS, [])
    if everything:
        return _deliver(session, [], most)
    try:
        return _deliver(session, fresh, most) if fresh else 0
    except (DBAPIError, Busy):
        session.rollback()
        log.warning("facts %s wait for the worker", fresh, exc_info=True)
        return 0


def _deliver(session: Session, fresh: list[int], most: int) -> int:
    due = select(Delivery.fact_id, Delivery.reaction).where(Delivery.state == "pending")
    due = due.where(Delivery.fact_id.in_(fresh)) if fresh else due.where(Delivery.due <= clock.now())
    rows = session.execute(due.order_by(Delivery.fact_id, Delivery.reaction).limit(most)).all()
    session.rollback()
    return sum(_deliver_one(session, fact_id, reaction) for fact_id, reaction in rows)


def _deliver_one(session: Session, fact_id: int, reaction: str) -> bool:
    begin_write(session)
    key = (Delivery.fact_id == fact_id, Delivery.reaction == reaction, Delivery.state == "pending")
    claimed = session.execute(update(Delivery).where(*key).values(state="done", error=None))
    if not claimed.rowcount:  # type: ignore[attr-defined]
        session.rollback()
        return False
    fact = session.get_one(Fact, fact_id)
    try:
        _find(fact.name, reaction)(session, fact)
        session.commit()
    except Exception as error:
        session.rollback()
        log.exception("reaction %s on fact %s failed", reaction, fact_id)
        _put_back(session, fact_id, reaction, error)
        return False
    return True


def _find(name: str, reaction: str) -> Reaction:
    return REACTIONS[name][reaction]


def _put_back(session: Session, fact_id: int, reaction: str, error: Exception) -> None:
    """Keep the error, try again later, park after TRIES; a parked delivery is shown by `flask check`."""
    begin_write(session)
    row = session.get_one(Delivery, (fact_id, reaction))
    row.tries += 1
    row.error = repr(error)[:500]
    row.state = "parked" if row.tries >= TRIES else "pending"
    row.due = clock.now() + timedelta(seconds=5 * 2**row.tries)
    session.commit()


@invariant("I13", "every fact is delivered within ten minutes, and none is parked")
def facts_delivered(session: Session) -> Iterator[str]:
    """Name deliveries that were given up, and those that have waited for longer than LONGEST_WAIT."""
    waits = (Delivery.state == "pending", Fact.at < clock.now() - LONGEST_WAIT)
    stuck = or_(Delivery.state == "parked", waits[0] & waits[1])
    rows = select(Delivery, Fact.name).join(Fact, Fact.id == Delivery.fact_id).where(stuck)
    for row, name in session.execute(rows.order_by(Delivery.fact_id, Delivery.reaction)):
        error = f", last error {row.error}" if row.error else ""
        yield f"fact {row.fact_id} {name} for {row.reaction}: {row.state} after {row.tries} tries{error}"
