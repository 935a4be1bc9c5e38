"""Nothing of the vocabulary is read from end to end, whatever is typed."""

from typing import Any

import orjson
import pytest
from sqlalchemy import Select
from sqlalchemy.orm import Session

from o2o.discovery import statements as search
from o2o.discovery.filters import Filters
from o2o.discovery.queries import shape_of
from o2o.kernel import clock
from o2o.suggestions import statements
from o2o.vocabulary import queries as words
from o2o.vocabulary.rules import reindex
from tests.discovery.test_search import scanned
from tests.discovery.towns import make_many
from tests.factories import make_shop

TABLES = ("shop_term", "phrase", "phrase_use", "phrase_key")


@pytest.fixture
def full(session: Session) -> Session:
    """Fill the vocabulary, and let PostgreSQL count it."""
    make_many(session, 1200, clock.now())
    reindex(session, shop_ids=[make_shop(session, f"老王{i}肉夹馍", id=5000 + i).id for i in range(300)])
    session.commit()
    if session.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            session.connection().exec_driver_sql(f"ANALYZE {table}")
    return session


ASKED = orjson.dumps(["rou", "+roujia", "-rjm"]).decode()
RANGES = {f"{end}{way}": text for way, text in enumerate(("rou", "+rou", "-rj")) for end in ("low", "high")}


def plan(session: Session, statement: Select[Any], values: dict[str, Any]) -> str:
    """Name what is read from end to end by a statement with expanding parameters."""
    connection = session.connection()
    given = statement.params(values)
    compiled = given.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    sql = str(compiled)
    if connection.dialect.name == "sqlite":
        lines = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")]
        return " ".join(
            line for line in lines if line.startswith("SCAN") and ("phrase" in line or "shop" in line)
        )
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    rows = connection.exec_driver_sql(f"EXPLAIN {sql}".replace("%", "%%"))
    return " ".join(row[0] for row in rows if "Seq Scan" in row[0])


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("beginning", RANGES),
        ("first_keys", {"asked": ASKED}),
        ("lived_in", {"asked": orjson.dumps(["amenity/cafe"]).decode()}),
        ("USES", {"ids": [1, 2, 3]}),
        ("TEXTS", {"ids": [1, 2, 3]}),
        ("WITH_KEYS", {"keys": ["-rjm", "-lwrjm"]}),
    ],
)
def test_the_vocabulary_is_read_by_its_indexes(full: Session, name: str, values: dict[str, Any]) -> None:
    found = getattr(statements, name)
    if name == "beginning":
        found = found(3)
    elif callable(found):
        found = found(full.get_bind().dialect.name)
    assert not plan(full, found, values)


@pytest.mark.parametrize("typed", ["roujiamo", "rou jia mo", "r", "kafei", "老王 kfc", "coffee bar"])
@pytest.mark.parametrize("loose", [False, True])
def test_a_search_by_sound_is_found_by_index_ranges(full: Session, typed: str, loose: bool) -> None:
    shape, values = shape_of(Filters(q=typed, loose=loose), now=clock.now(), country="CN")
    found = scanned(full, search.count(shape, "open"), values)
    assert not [table for table in TABLES if table in found], found


def test_few_shapes_for_many_words(full: Session) -> None:
    shapes = {
        words.read(word)[0] for word in ("coffee", "kahvila", "bar", "noodles", "bank", "book", "hotel")
    }
    assert len(shapes) < 7
