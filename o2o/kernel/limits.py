"""Rate limits that survive a restart: fixed windows in a small table."""

import hashlib
from datetime import timedelta

from sqlalchemy import Integer, String, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from o2o.kernel import clock
from o2o.kernel.db import Base, begin_write
from o2o.kernel.errors import RuleBroken
from o2o.kernel.words import N_
from o2o.kernel.worker import chore


class LimitHit(Base):
    """How often one bucket was used in one window; buckets are hashes, never addresses or names."""

    __tablename__ = "limit_hit"

    bucket: Mapped[str] = mapped_column(String(32), primary_key=True)
    window: Mapped[int] = mapped_column(Integer, primary_key=True)
    ends: Mapped[int] = mapped_column(Integer, index=True)
    count: Mapped[int]


def hit(session: Session, *bucket: object, most: int, per: timedelta) -> None:
    """Count one attempt and commit it; raise RuleBroken 429 beyond `most` in the window.

    Counted in a transaction of its own, so that an attempt whose rule fails still counts.
    """
    seconds = int(per.total_seconds())
    now = clock.millis(clock.now()) // 1000
    key = hashlib.blake2s(repr(bucket).encode(), digest_size=16).hexdigest()
    begin_write(session)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = insert(LimitHit).values(
        bucket=key, window=now // seconds, ends=(now // seconds + 1) * seconds, count=1
    )
    counted = row.on_conflict_do_update(
        index_elements=["bucket", "window"], set_={"count": LimitHit.count + 1}
    ).returning(LimitHit.count)
    count = session.execute(counted).scalar_one()
    session.commit()
    if count > most:
        raise RuleBroken(
            "too_often", N_("Too many tries. Please wait a few minutes and try again."), status=429
        )


@chore(every=600)
def forget_old_windows(session: Session) -> int:
    """Delete windows that have ended."""
    now = clock.millis(clock.now()) // 1000
    if session.execute(select(LimitHit.bucket).where(LimitHit.ends < now).limit(1)).first() is None:
        session.rollback()
        return 0
    begin_write(session)
    gone = session.execute(delete(LimitHit).where(LimitHit.ends < now)).rowcount  # type: ignore[attr-defined]
    session.commit()
    return int(gone)
