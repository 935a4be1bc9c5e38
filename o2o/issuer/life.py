"""The life of a key, told by its row and the clock alone: published, signing, verifying, withdrawn."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

from o2o.issuer.models import IssuerKeyState
from o2o.kernel.tokens import PublicKey

PUBLISHED, SIGNING, VERIFYING, WITHDRAWN = STATES = ("published", "signing", "verifying", "withdrawn")

# A till takes passes offline for three days after its last sync (pass.md): a week leaves it a margin.
NOTICE: Final = timedelta(days=7)
SIGNS_FOR: Final = timedelta(days=90)


class KeyRow(NamedTuple):
    """What is known of a key, without its private half; x and y are 64 hex digits each."""

    kid: int
    x: str
    y: str
    published_at: datetime
    signs_from: datetime
    withdrawn_at: datetime | None

    @property
    def public(self) -> PublicKey:
        """Return the key that verifies what this one signed."""
        return _public(self.x, self.y)


COLUMNS = tuple(getattr(IssuerKeyState, name) for name in KeyRow._fields)


def signing_kid(rows: Iterable[KeyRow], now: datetime) -> int | None:
    """Return the greatest number among keys that may sign by now; None when every key was withdrawn.

    Where no key's day has come the earliest one signs: a server's clock that was put back must not stop sales.
    """
    left = [row for row in rows if row.withdrawn_at is None]
    begun = [row.kid for row in left if row.signs_from <= now]
    if begun:
        return max(begun)
    return min(left, key=lambda row: (row.signs_from, row.kid)).kid if left else None


def states(rows: Iterable[KeyRow], now: datetime) -> dict[int, str]:
    """Return the state of every key at an instant, by its number."""
    known = list(rows)
    signs = signing_kid(known, now)
    found = {}
    for row in known:
        if row.withdrawn_at is not None:
            found[row.kid] = WITHDRAWN
        elif row.kid == signs:
            found[row.kid] = SIGNING
        else:
            found[row.kid] = PUBLISHED if row.signs_from > now else VERIFYING
    return found


def point(public: PublicKey) -> tuple[str, str]:
    """Return x and y of a public key as rows keep them."""
    numbers = public.public_numbers()
    return f"{numbers.x:064x}", f"{numbers.y:064x}"


@lru_cache(maxsize=512)
def _public(x: str, y: str) -> PublicKey:
    numbers = ec.EllipticCurvePublicNumbers(int(x, 16), int(y, 16), ec.SECP256R1())
    return numbers.public_key()
