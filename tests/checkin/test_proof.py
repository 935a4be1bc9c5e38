"""A visit without person, poster and honest proof is refused by the database itself, by name."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from o2o.checkin.models import Poster, Visit
from o2o.kernel.db import new_id
from tests.factories import (
    make_account,
    make_shop,
    make_visit,
)

NOON = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


RAW: list[tuple[dict[str, Any], str]] = [
    ({"account_id": None}, "account_id"),
    ({"poster_id": None}, "poster_id"),
    ({"shop_id": None}, "shop_id"),
    ({"account_id": 987654}, "fk_visit_account_id_account"),
    ({"poster_id": 987654}, "fk_visit_poster_id"),
    ({"shop_id": "other"}, "fk_visit_poster_id_shop_id_poster"),
    ({"confirmed_at": NOON, "confirmed_by": "guest"}, "ck_visit_confirmed_by_another"),
    ({"confirmed_at": NOON}, "ck_visit_confirmed_by_someone"),
    ({"confirmed_by": "staff"}, "ck_visit_confirmed_by_someone"),
    ({"claimed_at": NOON + HOUR}, "ck_visit_claim_before"),
    ({"bucket": "nigh"}, "ck_visit_bucket_known"),
    ({"key": "taken"}, "uq_visit_account_id_key"),
]


@pytest.mark.parametrize(("wrong", "constraint"), RAW, ids=lambda part: part if isinstance(part, str) else "")
def test_the_database_refuses_by_name(
    session: Session, poster: Poster, wrong: dict[str, Any], constraint: str
) -> None:
    make_visit(session, poster, at=NOON - DAY, key="taken")
    people = {name: make_account(session, name).id for name in ("guest", "staff")}
    people["other"] = make_shop(session, "别家").id
    given = {"id": new_id(), "shop_id": poster.shop_id, "account_id": people["guest"], "poster_id": poster.id}
    row = {**given, "key": "raw", "bucket": "none", "is_first": False, "at": NOON}
    row |= {
        name: people.get(value, value) if isinstance(value, str) else value for name, value in wrong.items()
    }
    with pytest.raises(IntegrityError) as refusal:
        session.execute(insert(Visit.__table__), row)  # type: ignore[arg-type]
    said = str(refusal.value.orig)
    if session.get_bind().dialect.name == "postgresql" or constraint.startswith("ck_"):
        assert constraint in said, said
        return
    # SQLite names the columns of a unique key and of NOT NULL, and says of a foreign key only that it failed.
    words = {
        "fk": "FOREIGN KEY constraint failed",
        "uq": "UNIQUE constraint failed: visit.account_id, visit.key",
    }
    assert words.get(constraint[:2], f"NOT NULL constraint failed: visit.{constraint}") in said
