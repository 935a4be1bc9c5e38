"""The one door through which a pass changes, and the lock before it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from o2o.feed import rules as feed
from o2o.kernel.errors import NotAllowed
from o2o.passes.models import PASS_STATES, Pass

_TABLE = cast(Table, Pass.__table__)
# The guarded update that makes a use a use only once, for many passes.
_STEP = (
    update(_TABLE)
    .where(
        _TABLE.c.id == bindparam("key"),
        _TABLE.c.state == bindparam("seen_state"),
        _TABLE.c.uses_left == bindparam("seen_left"),
        _TABLE.c.spent == bindparam("seen_spent"),
    )
    .values(
        state=bindparam("next_state"),
        uses_left=bindparam("next_left"),
        spent=bindparam("next_spent"),
        changed_at=bindparam("now"),
    )
)


def get_locked(session: Session, *, pass_id: str) -> Pass:
    """Return a pass as it is now, held until the commit; NotAllowed when there is none."""
    found = session.get(Pass, pass_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotAllowed
    return found


def get_all_locked(session: Session, *, pass_ids: Iterable[str]) -> dict[str, Pass]:
    """Return passes as they are now, locked by their ids and held until the commit; NotAllowed when one is missing."""
    ids = set(pass_ids)
    rows = select(Pass).where(Pass.id.in_(ids)).order_by(Pass.id).with_for_update()
    found = {row.id: row for row in session.scalars(rows.execution_options(populate_existing=True))}
    if ids - found.keys():
        raise NotAllowed
    return found


def change(
    session: Session,
    pass_id: str,
    *,
    sources: Sequence[str],
    targets: Sequence[str],
    values: Mapping[str, Any],
    now: datetime,
    where: Sequence[Any] = (),
) -> Pass | None:
    """Change a pass by one conditional update and note it for the shop's tills; None when it did not apply.

    ValueError when PASS_STATES knows no way from one of the sources to one of the targets.
    """
    for source in sources:
        for target in targets:
            _check_way(source, target)
    statement = (
        update(Pass)
        .where(Pass.id == pass_id, Pass.state.in_(sources), *where)
        .values(changed_at=now, **values)
        .returning(Pass)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    changed = session.scalars(statement).one_or_none()
    if changed is not None:
        tidings(session, changed)
    return changed


class Purse(NamedTuple):
    """What a use changes of a pass."""

    state: str
    left: int
    spent: int

    @classmethod
    def of(cls, pass_: Pass) -> "Purse":
        """Read what a pass has."""
        return cls(pass_.state, pass_.uses_left, pass_.spent)


class Step(NamedTuple):
    """One use of a pass: what it has before, and after."""

    pass_: Pass
    before: Purse
    after: Purse


def step_all(session: Session, steps: Sequence[Step], *, now: datetime) -> None:
    """Take steps of locked passes in order, by one guarded update that asks that each is as it was seen.

    Notes each pass for its shop's tills. RuntimeError when one is not as it was seen.
    """
    if not steps:
        return
    for step in steps:
        _check_way(step.before.state, step.after.state)
    rows = [_step_values(step, now) for step in steps]
    done = session.connection().execute(_STEP, rows, execution_options={"preserve_rowcount": True})
    if done.rowcount != len(steps):
        raise RuntimeError(f"{len(steps) - done.rowcount} of {len(steps)} passes changed under their locks")
    for step in steps:
        # What the session has of the pass follows what was written.
        values = {"state": step.after.state, "uses_left": step.after.left, "spent": step.after.spent}
        for name, value in {**values, "changed_at": now}.items():
            set_committed_value(step.pass_, name, value)
        tidings(session, step.pass_)


def _step_values(step: Step, now: datetime) -> dict[str, Any]:
    seen = {f"seen_{name}": value for name, value in step.before._asdict().items()}
    given = {f"next_{name}": value for name, value in step.after._asdict().items()}
    return {"key": step.pass_.id, "now": now, **seen, **given}


def _check_way(source: str, target: str) -> None:
    if target != source and target not in PASS_STATES[source]:
        raise ValueError(f"a pass never goes from {source} to {target}")


def tidings(session: Session, pass_: Pass) -> None:
    """Note for the tills of a pass's shop that it is not what they know."""
    feed.note(session, shop_id=pass_.shop_id, kind="pass", subject=pass_.id)
