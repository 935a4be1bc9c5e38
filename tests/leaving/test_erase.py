"""Export, then erase: everything of a person is in the one, and no byte of it anywhere after the other."""

import json
import logging
import shutil
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from o2o.accounts import registry
from o2o.accounts.models import Account
from o2o.kernel import checks, worker
from o2o.kernel.db import Base, begin_write, db
from o2o.kernel.journal import Fact
from o2o.passes.models import Pass
from o2o.reviews.models import Review
from tests.leaving.person import SEED, Person, word

# In the export: what people typed, in the tables where it stands.
SAID = {
    "account": ["handle"],
    "passkey": ["label"],
    "role": ["ownername", "invited"],
    "invite": ["invited"],
    "review": ["review"],
    "answer": ["missing"],
    "line": ["line"],
    "report": ["report"],
    "strike": ["said"],
    "guest": ["contact"],
    "guest_note": ["note"],
    "menu_import": ["menu.csv"],
    "shop_claim": ["claimreason"],
    "submission": ["licence"],
    "sanction": ["appeal"],
}


@pytest.fixture
def person(app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture) -> Person:
    # Files that earlier tests left behind would be found, too.
    shutil.rmtree(app.config["O2O"].data_dir / "photos", ignore_errors=True)
    caplog.set_level(logging.INFO)
    return Person(client)


def erase(person: Person) -> None:
    answer = person.client.post("/me/erase", data={"sure": "y"})
    assert answer.status_code == 303
    assert answer.location == "/"
    db.session.rollback()
    # Twice: what was on its way is delivered by the first round, and cleared away by the second.
    for _ in range(2):
        worker.run_due(db.session, everything=True)
        db.session.rollback()


def rows_with(seed: str) -> list[str]:
    """Read every row of every table, as a dump does, and name the columns in which the word stands."""
    found = []
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            for name, value in row._mapping.items():
                plain = value if isinstance(value, bytes) else repr(value).encode()
                if seed.lower().encode() in plain.lower():
                    found.append(f"{table.name}.{name}")
    db.session.rollback()
    return found


def files_with(folder: Path, seed: bytes) -> list[str]:
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and seed.lower() in path.read_bytes().lower()
    ]


def test_everything_said_is_in_the_export(person: Person) -> None:
    data: dict[str, list[dict[str, Any]]] = json.loads(person.client.get("/me/export").data)
    for table, topics in SAID.items():
        for topic in topics:
            whole = json.dumps(data[table]).lower()
            assert word(topic).lower() in whole, f"{word(topic)} is not in {table}"
    assert len(data["visit"]) == len(data["look"]) == len(data["consent"]) == len(data["guest"]) == 1
    assert len(data["photo"]) == 3
    assert len(data["pass"]) == 3
    assert data["payout"][0]["tail"] == "5678"
    assert person.key.id.hex() in json.dumps(data["passkey"])


def test_the_words_are_there_before(person: Person) -> None:
    """The control: the same search finds what the rules have not deleted yet."""
    found = set(rows_with(SEED))
    labelled = {f"{name}.{column.name}" for name in registry.HELD for column in registry.words_of(name)}
    assert found <= labelled, found - labelled
    assert {"account.handle", "review.text", "guest.contact", "submission.text", "sanction.appeal"} <= found


def test_afterwards_no_byte_is_left(person: Person, app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    folder = app.config["O2O"].data_dir
    assert len(list((folder / "photos").rglob("*.webp"))) == 8
    secrets = [SEED.encode(), person.key.id, b"13812345678"]
    broken = set(checks.broken(db.session))
    sold = db.session.execute(select(func.count(Pass.id), func.sum(Pass.paid))).one()
    caplog.clear()
    erase(person)
    assert rows_with(SEED) == []
    for secret in secrets:
        assert secret.lower() not in caplog.text.lower().encode()
        assert files_with(folder, secret) == []
        assert secret.lower() not in stored(app).lower()
    assert list((folder / "photos").rglob("*.webp*")) == []
    assert db.session.execute(select(func.count(Pass.id), func.sum(Pass.paid))).one() == sold
    # The two tills that fought over a pass were made up, and say so before and after.
    assert set(checks.broken(db.session)) <= broken
    assert {line.split()[0] for line in broken} <= {"I21"}


def stored(app: Flask) -> bytes:
    """Read what the database keeps on its disk, dead rows and free pages included, after its own vacuum."""
    if db.engine.dialect.name == "sqlite":
        return b"".join(path.read_bytes() for path in app.config["O2O"].data_dir.glob("o2o.db*"))
    names = [table.name for table in Base.metadata.sorted_tables]
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (FULL, ANALYZE)"))
        connection.execute(text("CHECKPOINT"))
        read = text(
            "SELECT pg_read_binary_file(pg_relation_filepath(one.oid)) FROM pg_class one"
            " WHERE one.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = CAST(:name AS regclass))"
            " OR one.oid = CAST(:name AS regclass)"
            " OR one.oid = (SELECT reltoastrelid FROM pg_class WHERE oid = CAST(:name AS regclass))"
        )
        files = [bytes(row) for name in names for row in connection.scalars(read, {"name": f'"{name}"'})]
        columns = connection.execute(
            text("SELECT most_common_vals::text, histogram_bounds::text FROM pg_stats")
        )
        kept = repr(columns.all()).encode()
    return b"".join([*files, kept])


def test_again_is_as_good(person: Person) -> None:
    erase(person)
    facts = db.session.scalar(select(func.count(Fact.id)))
    begin_write()
    registry.erase(db.session, account_id=person.id)
    db.session.commit()
    assert db.session.scalar(select(func.count(Fact.id))) == facts
    assert person.client.post("/me/erase", data={"sure": "y"}).location.startswith("/sign-in")


def test_the_public_part_stays_without_words(person: Person) -> None:
    erase(person)
    review = db.session.scalars(select(Review)).one()
    assert (review.rating, review.text) == (5, "")
    account = db.session.get_one(Account, person.id)
    assert account.handle is None
    assert account.erased_at is not None
    data = registry.export(db.session, account_id=person.id)
    for table, held in registry.HELD.items():
        if held.kind == registry.PII:
            assert data[table] == [], table
