"""`flask keys`, as an operator runs it."""

from collections.abc import Callable
from pathlib import Path

import pytest
import time_machine
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from o2o.issuer import queries, rules
from o2o.issuer.keys import make_key
from o2o.kernel import checks, cli, migrate
from o2o.kernel.db import begin_write, db
from o2o.passes.models import Pass
from tests.factories import make_pass, make_shop, make_terms
from tests.issuer.town import DAY, DAY_0, files

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask, place: Path) -> Run:
    """Run a command on a town whose first key was made on day 0."""
    begin_write()
    queries.signing_key(db.session, DAY_0)
    db.session.commit()
    return lambda *arguments, **more: app.test_cli_runner().invoke(args=["keys", *arguments], **more)


@time_machine.travel(DAY_0, tick=False)
def test_rotate_publishes_and_says_when_it_signs(run: Run, place: Path) -> None:
    done = run("rotate")
    assert done.exit_code == 0, done.output
    assert done.output == (
        "Key 2 is published. It signs from 2026-11-29 03:00 UTC, in seven days; until then nothing changes.\n"
    )
    again = run("rotate")
    assert again.exit_code == 1
    assert "Key 2 is published already and signs from 2026-11-29 03:00 UTC." in again.output
    assert files(place) == ["issuer-001.pem", "issuer-002.pem"]


@time_machine.travel(DAY_0, tick=False)
def test_rotating_at_once_warns_of_amber(run: Run) -> None:
    done = run("rotate", "--at-once")
    assert done.exit_code == 0, done.output
    assert "Key 2 signs from now on.\nWarning: tills that have not synced" in done.output
    assert queries.signing_key(db.session, DAY_0).kid == 2


def test_list_shows_states_and_days(run: Run, place: Path) -> None:
    with time_machine.travel(DAY_0, tick=False):
        run("rotate")
        run("withdraw", "1", "--why", "laptop lost", "--yes")
        run("rotate")
        make_key(place, 9, DAY_0)
        listed = run("list").output.splitlines()
    assert listed == [
        f"private keys in {place}",
        "  1  withdrawn  published 2026-11-22 03:00  signs from 2026-11-22 03:00"
        "  withdrawn 2026-11-22 03:00: laptop lost",
        "  2  signing    published 2026-11-22 03:00  signs from 2026-11-22 03:00",
        "  3  published  published 2026-11-22 03:00  signs from 2026-11-29 03:00",
        "  9  unused     its making was cut short; it never signs, and its file may be deleted",
    ]
    (place / "issuer-002.pem").unlink()
    with time_machine.travel(DAY_0 + 8 * DAY, tick=False):
        assert "  2  verifying  published" in run("list").output
        assert run("list").output.count("PRIVATE FILE MISSING") == 1


def test_a_town_without_keys_lists_none(app: Flask, place: Path) -> None:
    said = app.test_cli_runner().invoke(args=["keys", "list"])
    assert (said.exit_code, "no key yet" in said.output) == (0, True)
    assert not place.exists()


def test_withdraw_asks_and_no_changes_nothing(run: Run) -> None:
    asked = run("withdraw", "1", "--why", "x", input="n\n")
    assert asked.exit_code == 1
    assert "Printed passes have to be printed again. Go on? [y/N]" in asked.output
    assert queries.withdrawn(db.session) == []


@pytest.mark.parametrize(
    ("arguments", "said"), [(("7", "--why", "x"), "no key 7"), (("1", "--why", " "), "Say why")]
)
def test_what_cannot_be_withdrawn_is_said(run: Run, arguments: tuple[str, ...], said: str) -> None:
    refused = run("withdraw", *arguments, "--yes")
    assert (refused.exit_code, said in refused.output) == (1, True)
    assert queries.withdrawn(db.session) == []


def test_withdraw_signs_open_passes_anew(run: Run) -> None:
    begin_write()
    terms = [make_terms(db.session, make_shop(db.session, name), title=name) for name in ("A", "B", "C")]
    made = [make_pass(db.session, one) for one in terms for _ in range(3)]
    before = {pass_.id: pass_.token for pass_ in made}
    db.session.commit()
    done = run("withdraw", "1", "--why", "stolen", input="y\n")
    assert done.exit_code == 0, done.output
    assert "Key 1 is withdrawn. Key 2 signs from now on.\n" in done.output
    assert "9 passes were signed anew" in done.output
    rows = db.session.scalars(select(Pass)).all()
    assert {row.kid for row in rows} == {2}
    assert all(row.token != before[row.id] for row in rows)
    assert [line for line in checks.broken(db.session) if line.startswith(("I16", "I20"))] == []


def spoil(place: Path, how: str) -> None:
    """Do to the keys what happens to keys."""
    if how == "open":
        (place / "issuer-001.pem").chmod(0o644)
    elif how == "damaged":
        (place / "issuer-001.pem").write_text("no key")
    elif how == "foreign":
        (place / "notes.txt").touch(mode=0o600)
    else:
        (place / "issuer-001.pem").unlink()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("open", "chmod 600"),
        ("damaged", "Restore it from the backup"),
        ("foreign", "Move it elsewhere"),
        ("missing", "set O2O_KEYS_DIR to where it is"),
    ],
)
def test_keys_that_cannot_sign_stop_the_start_with_a_sentence(
    app: Flask, run: Run, place: Path, tmp_path: Path, how: str, said: str
) -> None:
    cli.refuse_trouble()
    spoil(place, how)
    serve = app.test_cli_runner().invoke(args=["serve"])
    assert (serve.exit_code, said in serve.output, serve.exception.__class__) == (1, True, SystemExit)
    if how != "missing":
        for command in (("list",), ("rotate",)):
            told = run(*command)
            assert (told.exit_code, said in told.output) == (1, True), told.output
    copied = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "copy.tar.gz")])
    assert (copied.exit_code, said in copied.output) == (1, True)
    assert "wrote" in copied.output


def test_an_upgrade_puts_keys_on_record_once(
    app: Flask, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_key(place, 1, DAY_0)
    migrate.settle()
    assert "1 issuer keys put on record\n" in capsys.readouterr().out
    migrate.settle()
    assert capsys.readouterr().out == ""
    assert list(queries.verifying_keys(db.session)) == [1]


def test_an_upgrade_makes_the_first_key_of_a_new_town(
    app: Flask, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    migrate.settle()
    assert (files(place), capsys.readouterr().out) == (["issuer-001.pem"], "")


def test_an_upgrade_with_unreadable_keys_says_why(app: Flask, place: Path) -> None:
    make_key(place, 1, DAY_0)
    spoil(place, "open")
    stopped = app.test_cli_runner().invoke(args=["db", "upgrade"])
    assert (stopped.exit_code, "chmod 600" in stopped.output) == (1, True)


def test_the_worker_renews_in_time(app: Flask, run: Run) -> None:
    from o2o.issuer.chores import renew

    with time_machine.travel(DAY_0 + 82 * DAY, tick=False):
        assert renew(db.session) == 0
    with time_machine.travel(DAY_0 + 83 * DAY, tick=False):
        assert (renew(db.session), renew(db.session)) == (1, 0)
        assert "  2  published" in run("list").output
    with time_machine.travel(DAY_0 + 90 * DAY, tick=False):
        assert rules.queries.signing_key(db.session, DAY_0 + 90 * DAY).kid == 2
