"""Processes that rotate, begin and withdraw at once: a number is one key, and every row has its own file."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from o2o.issuer import queries, rules
from o2o.issuer.keys import load_keys
from o2o.issuer.life import point
from o2o.issuer.rules import KeyRefused
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import RuleBroken
from tests.house.tree import ROOT
from tests.issuer.town import DAY_0
from tests.racers import race


def rows_match_files(place: Path) -> int:
    """Check that rows and files are the same keys; return how many there are."""
    rows = {row.kid: (row.x, row.y) for row in queries.key_rows(db.session)}
    db.session.rollback()
    assert rows == {kid: point(key.public) for kid, key in load_keys(place).items()}
    assert len(set(rows.values())) == len(rows)
    return len(rows)


def publish(session: Session, number: int) -> None:
    begin_write(session)
    try:
        rules.publish(session, now=DAY_0)
    except KeyRefused:
        raise RuleBroken("waits", "one waits") from None
    session.commit()


def test_rotating_at_once_publishes_one_key(app: Flask, place: Path) -> None:
    assert race(app, publish, times=8) == {"ok": 1, "waits": 7}
    assert rows_match_files(place) == 2


def test_rotating_at_once_for_at_once_gives_each_its_own(app: Flask, place: Path) -> None:
    def attempt(session: Session, number: int) -> None:
        begin_write(session)
        rules.publish_at_once(session, now=DAY_0)
        session.commit()

    assert race(app, attempt, times=8) == {"ok": 8}
    assert rows_match_files(place) == 9


def test_first_sales_at_once_make_one_key(app: Flask, place: Path) -> None:
    def attempt(session: Session, number: int) -> None:
        begin_write(session)
        assert queries.signing_key(session, DAY_0).kid == 1
        session.commit()

    assert race(app, attempt, times=8) == {"ok": 8}
    assert rows_match_files(place) == 1


def test_two_withdrawals_at_once_leave_one_emergency_key(app: Flask, place: Path) -> None:
    begin_write()
    queries.signing_key(db.session, DAY_0)
    db.session.commit()

    def attempt(session: Session, number: int) -> None:
        begin_write(session)
        try:
            rules.withdraw(session, kid=1, why="stolen", now=DAY_0)
        except KeyRefused as refused:
            raise RuleBroken("refused", str(refused)) from None
        session.commit()

    assert race(app, attempt, times=4, threads=4) == {"ok": 1, "refused": 3}
    assert rows_match_files(place) == 2


def test_two_processes_rotate_at_once(app: Flask, place: Path) -> None:
    begin_write()
    queries.signing_key(db.session, DAY_0)
    db.session.commit()
    settings = {"O2O_DATABASE_URL": app.config["O2O"].database_url, "O2O_KEYS_DIR": str(place)}
    settings |= {"O2O_DATA_DIR": str(app.config["O2O"].data_dir), "O2O_SECRET_KEY": "test" * 10}
    command = [sys.executable, "-m", "flask", "keys", "rotate"]
    quiet = subprocess.DEVNULL
    started = [
        subprocess.Popen(command, cwd=ROOT, env=os.environ | settings, stdout=quiet, stderr=quiet)
        for _ in range(2)
    ]
    assert sorted(process.wait(60) for process in started) == [0, 1]
    assert rows_match_files(place) == 2


@pytest.mark.parametrize("when", ["before the row", "before the commit"])
def test_a_rotation_cut_short_leaves_a_file_that_never_signs(
    app: Flask, place: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    begin_write()
    queries.signing_key(db.session, DAY_0)
    db.session.commit()
    begin_write()
    if when == "before the row":
        monkeypatch.setattr(rules, "point", lambda public: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rules.publish(db.session, now=DAY_0)
        monkeypatch.undo()
    else:
        rules.publish(db.session, now=DAY_0)
    db.session.rollback()
    assert sorted(load_keys(place)) == [1, 2]
    begin_write()
    assert rules.publish(db.session, now=DAY_0).kid == 3
    db.session.commit()
    assert sorted(queries.verifying_keys(db.session)) == [1, 3]
