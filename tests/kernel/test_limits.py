"""Rate limits count every attempt, survive a restart, and end with their window."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from o2o.kernel.db import db
from o2o.kernel.errors import RuleBroken
from o2o.kernel.limits import LimitHit, forget_old_windows, hit

HOUR = timedelta(hours=1)


def test_beyond_the_limit_is_429_and_the_next_window_is_free(app: Flask) -> None:
    with time_machine.travel(datetime(2026, 3, 1, 8, 5, tzinfo=UTC), tick=False) as traveller:
        for _ in range(3):
            hit(db.session, "code", 7, most=3, per=HOUR)
        with pytest.raises(RuleBroken) as refused:
            hit(db.session, "code", 7, most=3, per=HOUR)
        assert refused.value.status == 429
        hit(db.session, "code", 8, most=3, per=HOUR)
        traveller.shift(HOUR)
        hit(db.session, "code", 7, most=3, per=HOUR)


def test_the_table_holds_no_names(app: Flask) -> None:
    hit(db.session, "sign-in", "203.0.113.9", most=3, per=HOUR)
    assert "203" not in str(db.session.scalar(select(LimitHit.bucket)))


def test_old_windows_are_forgotten(app: Flask) -> None:
    with time_machine.travel(datetime(2026, 3, 1, 8, 5, tzinfo=UTC), tick=False) as traveller:
        hit(db.session, "a", most=3, per=HOUR)
        assert forget_old_windows(db.session) == 0
        traveller.shift(2 * HOUR)
        assert forget_old_windows(db.session) == 1
        assert db.session.scalar(select(func.count()).select_from(LimitHit)) == 0
