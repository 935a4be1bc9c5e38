"""Calls to the outside world: never while a transaction is open, and this is what makes sure."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy.orm import Session

_calling: ContextVar[bool] = ContextVar("o2o_outside", default=False)


class StillInTransaction(RuntimeError):
    """A call to the outside was about to hold locks for as long as somebody else takes."""


@contextmanager
def outside(session: Session) -> Iterator[None]:
    """Bracket a call to a payment provider or the like: commit before it, write its result after it.

    Raises StillInTransaction when the session is in a transaction at the start or at the end.
    """
    if session.in_transaction():
        raise StillInTransaction("commit before calling outside")
    token = _calling.set(True)
    try:
        yield
    finally:
        _calling.reset(token)
    if session.in_transaction():
        raise StillInTransaction("a transaction was opened during a call to the outside")


def require_outside() -> None:
    """Refuse to be called by anything but an `outside` block; adapters of providers begin with this."""
    if not _calling.get():
        raise StillInTransaction("call providers inside `with outside(session):`")
