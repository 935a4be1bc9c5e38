"""F15: a town is restored from a copy older than its tills: what they wrote meanwhile is sent again and counts once."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from time_machine import travel

from o2o import create_app
from o2o.kernel import backup, checks, migrate, worker
from o2o.kernel.db import db
from o2o.passes.models import Pass
from o2o.redemption.models import Redemption
from tests.claims.tillkit import open_counter, send
from tests.issuer.town import DAY_0


@pytest.mark.sqlite_only(
    "the restore of PostgreSQL is driven by the journey; what a till then does is the same"
)
def test_a_till_fills_what_the_copy_does_not_know(app: Flask, tmp_path: Path) -> None:
    with travel(DAY_0, tick=False) as now:
        counter = open_counter()
        till = counter.till()
        first, second = counter.sell("ann"), counter.sell("bo")
        known = till.redeem(first, DAY_0)
        assert [line["verdict"] for line in send(till, [known])] == ["stored"]
        db.session.rollback()
        copy = backup.backup(tmp_path / "town.tar.gz")
        now.shift(timedelta(hours=1))
        # After the copy: the till redeems, and the town that will be lost has heard of it.
        later = till.redeem(second, DAY_0 + timedelta(hours=1))
        assert [line["verdict"] for line in send(till, [later])] == ["stored"]
        db.session.rollback()
        given = {"TESTING": "1", "O2O_DATA_DIR": str(tmp_path / "new"), "O2O_SECRET_KEY": "test" * 10}
        fresh = create_app({**given, "O2O_BASE_URL": "http://localhost"})
        with fresh.app_context():
            backup.restore(copy)
            migrate.upgrade()
            assert left() == [0, 1]
            db.session.rollback()
            # A till keeps its ledger until a sync acknowledges it, and sends what the new head lacks.
            for said in (["duplicate", "stored"], ["duplicate", "duplicate"]):
                assert [line["verdict"] for line in send(till, [known, later])] == said
                db.session.rollback()
            worker.run_due(db.session, everything=True)
            db.session.rollback()
            assert left() == [0, 0]
            assert db.session.scalar(select(func.count()).select_from(Redemption)) == 2
            assert checks.broken(db.session) == []
            db.session.rollback()
            db.engine.dispose()


def left() -> list[int]:
    """List how many uses each pass has."""
    return sorted(db.session.scalars(select(Pass.uses_left)))
