"""The restore drill: a copy taken while guests buy, put into another folder and database, and used there."""

import os
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o import create_app
from o2o.accounts.models import Account
from o2o.issuer.keys import load_keys, public_keys
from o2o.kernel import checks, clock
from o2o.kernel.db import begin_write, db
from o2o.ledger.models import Posting
from o2o.orders import payment
from o2o.orders import rules as orders
from o2o.orders.models import Order, OrderPass
from o2o.passes.models import Pass
from o2o.passes.token import TokenRefused, qr_text, verify
from o2o.payments import rules as payments
from o2o.payments import sandbox
from tests import postgres
from tests.factories import make_account, make_role, make_shop, make_terms
from tests.house.tree import ROOT
from tests.racers import race
from tests.visitor import Visitor

PURCHASES = 100
GUESTS = 10
# The copy begins after the first of these, and the last purchases wait for it: so it is taken in the midst.
BEGINS_AT, LAST_WAIT_AT = 25, 90


class Town:
    """A place to restore into: a folder, and on PostgreSQL a database of its own."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        self.settings = {"O2O_DATA_DIR": str(folder), "O2O_SECRET_KEY": "test" * 10}
        self.settings["O2O_BASE_URL"] = "http://localhost"
        if database == "postgresql":
            self.settings["O2O_DATABASE_URL"] = postgres.fresh_database()

    def flask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command as its owner would, in a process of its own."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("O2O_")}
        command = [sys.executable, "-m", "flask", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment | self.settings, capture_output=True, text=True, check=False
        )

    def drop(self) -> None:
        if "O2O_DATABASE_URL" in self.settings:
            postgres.drop_database(self.settings["O2O_DATABASE_URL"])


@pytest.fixture
def other(tmp_path: Path, database: str) -> Iterator[Town]:
    town = Town(tmp_path / "other", database)
    yield town
    town.drop()


@pytest.fixture
def offers(app: Flask) -> list[int]:
    """Put four offers of two shops on sale, with staff to redeem them."""
    begin_write()
    found = []
    for number in range(2):
        shop = make_shop(db.session, f"Shop {number}")
        make_role(db.session, shop, f"staff-{number}")
        found += [make_terms(db.session, shop, title=title).offer_id for title in ("Coffee", "Cake")]
    for number in range(GUESTS):
        make_account(db.session, f"guest-{number}")
    db.session.commit()
    return found


def buy(session: Session, number: int, offers: list[int]) -> None:
    """Buy as a guest does: hold, go to the bank, approve, and come back."""
    begin_write(session)
    account_id = make_account(session, f"guest-{number % GUESTS}").id
    want = {"account_id": account_id, "offer_id": offers[number % len(offers)], "quantity": 1 + number % 2}
    order_id = orders.place(session, **want, key=f"form {number}", now=clock.now()).id
    session.commit()
    bank = payments.provider(_settings())
    url = payment.open_payment(session, bank, account_id=account_id, order_id=order_id, return_url="/")
    ref = url.rsplit("/", 1)[1]
    begin_write(session)
    sandbox.decide(session, ref=ref, answer="approve", now=clock.now())
    intent_id = session.get_one(Order, order_id).intent_id
    session.commit()
    assert payment.ask(session, bank, intent_id=str(intent_id), ref=ref) == "captured"


def _settings():  # type: ignore[no-untyped-def]
    from flask import current_app

    return current_app.config["O2O"]


def back_up_amid(app: Flask, offers: list[int], file: Path) -> None:
    """Sell PURCHASES orders from eight threads and take the copy in the midst of them."""
    bought = threading.Semaphore(0)
    copied = threading.Event()
    said: list[str] = []

    def copy() -> None:
        for _ in range(BEGINS_AT):
            bought.acquire()
        result = app.test_cli_runner().invoke(args=["backup", str(file)])
        said.append(result.output)
        copied.set()

    def attempt(session: Session, number: int) -> None:
        if number >= LAST_WAIT_AT:
            assert copied.wait(60)
        buy(session, number, offers)
        bought.release()

    writer = threading.Thread(target=copy)
    writer.start()
    outcomes = race(app, attempt, times=PURCHASES)
    writer.join()
    assert outcomes == {"ok": PURCHASES}
    assert said == [f"wrote {file}\n"]


def count(table: type) -> int:
    found = db.session.scalar(select(func.count()).select_from(table)) or 0
    db.session.rollback()
    return found


def test_a_copy_taken_while_guests_buy_is_a_whole_town(
    app: Flask, offers: list[int], other: Town, tmp_path: Path
) -> None:
    file = tmp_path / "town.backup"
    back_up_amid(app, offers, file)
    assert checks.broken(db.session) == []
    assert count(Order) == PURCHASES
    assert file.stat().st_mode & 0o077 == 0
    restored = other.flask("restore", str(file))
    assert (restored.returncode, restored.stderr) == (0, ""), restored.stdout + restored.stderr
    again = other.flask("restore", str(file))
    assert again.returncode == 0, again.stderr
    kept = [path.name for path in other.folder.glob("o2o.*.before-restore")]
    assert kept == [
        "o2o.db.before-restore" if "O2O_DATABASE_URL" not in other.settings else "o2o.dump.before-restore"
    ]
    checked = other.flask("check")
    assert checked.returncode == 0, checked.stdout
    assert "invariants hold" in checked.stdout
    use_the_copy(create_app({"TESTING": "1", **other.settings}), other.folder)


def use_the_copy(copy: Flask, folder: Path) -> None:
    """Verify every pass with the keys that came along, look for its posting, open a wallet, redeem."""
    with copy.app_context():
        paid = db.session.scalars(select(Order.id).where(Order.state == "paid")).all()
        assert BEGINS_AT - 8 <= len(paid) < PURCHASES
        posted = set(db.session.scalars(select(Posting.key).where(Posting.kind == "sale")))
        assert posted == {f"sale:{order_id}" for order_id in paid}
        rows = db.session.execute(
            select(Pass, OrderPass.order_id).outerjoin(OrderPass, OrderPass.pass_id == Pass.id)
        ).all()
        keys = public_keys(load_keys(folder / "keys"))
        for pass_, order_id in rows:
            assert f"sale:{order_id}" in posted
            assert verify(qr_text(pass_.token), keys=keys).pass_id == pass_.id
            with pytest.raises(TokenRefused):
                verify(qr_text(pass_.token), keys={})
        first = next(pass_ for pass_, _order_id in rows)
        handle = db.session.get_one(Account, first.account_id).handle
        shop_id, code = first.shop_id, first.short_code
        pass_id, token = first.id, qr_text(first.token)
        db.session.rollback()
        guest = Visitor(copy, copy.response_class)
        guest.sign_in(handle)
        wallet = guest.get("/wallet")
        assert wallet.status_code == 200
        assert f"/passes/{pass_id}" in wallet.get_data(as_text=True)
        assert code[:4] in guest.get(f"/passes/{pass_id}").get_data(as_text=True)
        staff = Visitor(copy, copy.response_class)
        staff.sign_in(f"staff-{shop_id - 1}")
        form = {"shop": shop_id, "code": token, "quantity": 1, "nonce": "after-the-restore"}
        assert staff.post("/till/redemptions", data=form).status_code == 303
        assert checks.broken(db.session) == []
        db.session.rollback()
        db.engine.dispose()


def test_what_is_no_whole_backup_changes_nothing(
    app: Flask, offers: list[int], other: Town, tmp_path: Path
) -> None:
    run = app.test_cli_runner().invoke
    whole = tmp_path / "town.backup"
    assert run(args=["backup", str(whole)]).exit_code == 0
    before = count(Order), count(Pass)
    short = tmp_path / "short.backup"
    short.write_bytes(whole.read_bytes()[:-2000])
    strange = tmp_path / "strange.backup"
    with tarfile.open(strange, "w:gz") as archive:
        archive.add(ROOT / "app.py", arcname="../app.py")
    empty = tmp_path / "empty.backup"
    with tarfile.open(empty, "w:gz"):
        pass
    text = tmp_path / "text.backup"
    text.write_text("not an archive")
    for file, said in (
        (short, "is not a whole backup"),
        (strange, "does not belong in a backup"),
        (empty, "is not a backup of this product"),
        (text, "is not a whole backup"),
    ):
        refused = run(args=["restore", str(file)])
        assert refused.exit_code == 1
        assert said in refused.output
    assert (count(Order), count(Pass)) == before
    assert checks.broken(db.session) == []


def test_a_backup_of_the_other_kind_of_database_is_refused(
    app: Flask, offers: list[int], database: str, tmp_path: Path
) -> None:
    file = tmp_path / "town.backup"
    app.test_cli_runner().invoke(args=["backup", str(file)])
    kind = "sqlite" if database == "postgresql" else "postgresql"
    stranger = Town(tmp_path / "stranger", kind)
    refused = stranger.flask("restore", str(file))
    stranger.drop()
    assert refused.returncode == 1
    assert f"this is a backup of {database}, the town runs on {kind}" in refused.stderr
