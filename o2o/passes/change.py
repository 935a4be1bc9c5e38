"""The one door through which a pass changes, and the lock before it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from o2o.feed import rules as feed
from o2o.kernel.errors import NotAllowed
from o2o.passes.models import PASS_STATES, Pass


def get_locked(session: Session, *, pass_id: str) -> Pass:
    """Return a pass as it is now, held until the commit; NotAllowed when there is none."""
    found = session.get(Pass, pass_id, with_for_update=True, populate_existing=True)
    if found is None:
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
            if target != source and target not in PASS_STATES[source]:
                raise ValueError(f"a pass never goes from {source} to {target}")
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


def tidings(session: Session, pass_: Pass) -> None:
    """Note for the tills of a pass's shop that it is not what they know."""
    feed.note(session, shop_id=pass_.shop_id, kind="pass", subject=pass_.id)
