"""What is asked of the vocabulary: each an index range or a list of points, none a scan."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import JSON, Select, String, bindparam, cast, exists, func, literal, select, union_all
from sqlalchemy.orm import Session

from o2o.shops.models import Shop
from o2o.vocabulary.models import Phrase, PhraseKey, PhraseUse
from o2o.vocabulary.queries import LAST

EACH = 160  # keys looked at in each range of a beginning


@lru_cache(maxsize=8)
def beginning(ranges: int, most: int = EACH) -> Select[Any]:
    """Give (way, phrase_id, start) of what begins so: way is the number of the range."""
    parts = []
    for way in range(ranges):
        keys = select(literal(way).label("way"), PhraseKey.phrase_id, PhraseKey.start, PhraseKey.key)
        inside = (PhraseKey.key >= bindparam(f"low{way}"), PhraseKey.key < bindparam(f"high{way}"))
        part = keys.where(*inside).order_by(PhraseKey.key).limit(most).subquery()
        parts.append(select(part.c.way, part.c.phrase_id, part.c.start, part.c.key))
    return parts[0] if ranges == 1 else union_all(*parts)  # type: ignore[return-value]


USES = (
    select(PhraseUse.phrase_id, PhraseUse.kind, func.count(), func.min(PhraseUse.shop_id))
    .where(PhraseUse.phrase_id.in_(bindparam("ids", expanding=True)))
    .group_by(PhraseUse.phrase_id, PhraseUse.kind)
)
TEXTS = select(Phrase.id, Phrase.text).where(Phrase.id.in_(bindparam("ids", expanding=True)))
WITH_KEYS = (
    select(PhraseKey.key, PhraseKey.phrase_id, PhraseKey.start)
    .where(PhraseKey.key.in_(bindparam("keys", expanding=True)))
    .order_by(PhraseKey.key, PhraseKey.phrase_id)
    .limit(400)
)


def _listed(dialect: str) -> Any:
    """Read a JSON list as rows: hundreds of values in one parameter, on both databases."""
    asked = bindparam("asked", type_=String)
    if dialect == "sqlite":
        return func.json_each(asked).table_valued("value")
    return func.json_array_elements_text(cast(asked, JSON)).table_valued("value")


@lru_cache(maxsize=2)
def first_keys(dialect: str) -> Select[Any]:
    """Give (asked, the first key that begins so or NULL) for a list of beginnings: one look-up each."""
    listed = _listed(dialect)
    first = (
        select(PhraseKey.key)
        .where(PhraseKey.key >= listed.c.value, PhraseKey.key < listed.c.value.op("||")(LAST))
        .order_by(PhraseKey.key)
        .limit(1)
        .scalar_subquery()
    )
    return select(listed.c.value, first)


@lru_cache(maxsize=2)
def lived_in(dialect: str) -> Select[Any]:
    """Give those of a list of categories that any shop has: one look-up each."""
    listed = _listed(dialect)
    return select(listed.c.value).where(
        exists().where(Shop.category == listed.c.value, Shop.status != "gone").correlate(listed)
    )


def there(session: Session, keys: Iterable[str]) -> set[str]:
    """Give those of some categories that any shop has."""
    asked = sorted(keys)
    if not asked:
        return set()
    statement = lived_in(session.get_bind().dialect.name)
    return set(session.scalars(statement, {"asked": orjson.dumps(asked).decode()}))


def first_of(session: Session, keys: Sequence[str]) -> dict[str, str]:
    """Give those keys with which anything begins, each with the first such key."""
    statement = first_keys(session.get_bind().dialect.name)
    # A thousand rows of which a dozen say anything: read as they come from the driver.
    rows = session.connection().execute(statement, {"asked": orjson.dumps(list(keys)).decode()})
    return {key: first for key, first in map(tuple, rows) if first is not None}


def rows_beginning(session: Session, keys: Sequence[str], most: int = EACH) -> Sequence[Any]:
    """Give (way, phrase_id, start, key) of what begins with each of a few keys."""
    values: dict[str, str] = {}
    for way, key in enumerate(keys):
        values[f"low{way}"], values[f"high{way}"] = key, key + LAST
    return session.execute(beginning(len(keys), most), values).all() if keys else []
