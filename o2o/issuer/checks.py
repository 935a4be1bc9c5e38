"""I20: every key that may still sign is the one that tills were told of."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from o2o.issuer import queries
from o2o.issuer.keys import KeyTrouble
from o2o.kernel.checks import invariant


@invariant("I20", "every issuer key that was not withdrawn has its private file, of the same public key")
def keys_have_files(session: Session) -> Iterator[str]:
    """Name keys on record whose file is missing, unreadable or another key's."""
    for row in queries.key_rows(session):
        if row.withdrawn_at is not None:
            continue
        try:
            queries.private_key(row, queries.place_of(session))
        except KeyTrouble as trouble:
            yield f"key {row.kid}: {trouble}"
