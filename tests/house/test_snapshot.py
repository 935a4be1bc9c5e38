"""The world that is put back is the one that was built: every row of it, and the numbers that come next."""

from datetime import timedelta

import time_machine
from flask import Flask

from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from tests import factories
from tests.house import snapshot
from tests.house.matrix import changed, fingerprint
from tests.house.world import build_world


def test_a_world_put_back_is_the_world_that_was_built(app: Flask) -> None:
    snapshot.KEPT.clear()
    built = build_world(db.session)
    before = fingerprint(db.session)
    put_back(app)
    assert build_world(db.session) == built
    assert changed(before) == set()
    begin_write(db.session)
    shop = factories.make_shop(db.session, name="The next one")
    db.session.flush()
    assert shop.id == built["B"]["annex"] + 1
    db.session.rollback()


def test_an_old_world_is_built_anew(app: Flask) -> None:
    snapshot.KEPT.clear()
    build_world(db.session)
    with time_machine.travel(clock.now() + snapshot.LONGEST + timedelta(seconds=1), tick=False):
        assert snapshot.put_back(db.session) is None


def put_back(app: Flask) -> None:
    """Empty the tables as the next test would."""
    from tests.conftest import empty

    empty(app, db.engine.dialect.name)
