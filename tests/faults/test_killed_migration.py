"""F13: an upgrade that is killed half way leaves the old tables whole, and goes through the next time."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import text

from o2o import create_app
from o2o.accounts import rules as accounts
from o2o.kernel import checks, clock, migrate
from o2o.kernel.db import begin_write, db
from tests import postgres
from tests.faults.serving import settings_of
from tests.house.test_migrations import STEP_1
from tests.house.tree import ROOT
from tests.visitor import Visitor

# Ends its own process before the statement that begins with the words on its command line, at their so-manieth time.
UPGRADE = """
import os, signal, sys
from sqlalchemy import event
from o2o import create_app
from o2o.kernel import migrate
from o2o.kernel.db import db

app, seen = create_app(), []

def before(connection, cursor, statement, *more):
    seen.extend([1] * (statement.split()[:2] == sys.argv[1].split()))
    if len(seen) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

with app.app_context():
    event.listen(db.engine, "before_cursor_execute", before)
    migrate.upgrade()
"""


def test_a_killed_upgrade_is_done_again(database: str, tmp_path: Path) -> None:
    given: dict[str, Any] = {"TESTING": "1", "O2O_DATA_DIR": str(tmp_path), "O2O_SECRET_KEY": "test" * 10}
    if database == "postgresql":
        given["O2O_DATABASE_URL"] = postgres.fresh_database()
    old = create_app({**given, "O2O_BASE_URL": "http://localhost"})
    try:
        with old.app_context():
            migrate.upgrade("0001")
            begin_write()
            for statement in STEP_1:
                db.session.execute(text(statement))
            token = accounts.start_login(db.session, account_id=7, device="old phone")
            db.session.commit()
            db.engine.dispose()
            # Two steps are through by then, and the third has all its tables.
            command = [sys.executable, "-c", UPGRADE, "UPDATE alembic_version", "3"]
            killed = subprocess.run(
                command,
                cwd=ROOT,
                env=settings_of(old),
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert killed.returncode == -signal.SIGKILL, killed.stderr
            assert migrate.current() == "0001"
            assert db.session.scalar(text("SELECT name FROM shop")) == "老王肉夹馍"
            db.session.rollback()
            migrate.upgrade()
            migrate.settle()
            assert (migrate.is_current(), migrate.drift()) == (True, [])
            assert_an_old_login_goes_on(old, token)
            # The town of the test was made by hand, without the money behind its pass.
            assert [
                line for line in checks.broken(db.session) if line.startswith(("I1 ", "I2 ", "I9 "))
            ] == []
            db.session.rollback()
            db.engine.dispose()
    finally:
        if database == "postgresql":
            postgres.drop_database(given["O2O_DATABASE_URL"])


def assert_an_old_login_goes_on(app: Any, token: str) -> None:
    """Show the cookie that the old code gave to the new code."""
    guest = Visitor(app, app.response_class)
    with guest.session_transaction() as cookie:
        cookie["_user_id"] = token
        cookie["day"] = clock.now().date().isoformat()
    assert guest.get("/me").status_code == 200
