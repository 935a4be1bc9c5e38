"""Who acts, and in which request: what every audited row is stamped with."""

import secrets
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Name the account (None for the system itself) and the request in which it acts."""

    account_id: int | None
    request_id: str

    @property
    def label(self) -> str:
        """Give `account:7`, or `system` where no person acted."""
        return "system" if self.account_id is None else f"account:{self.account_id}"


_current: ContextVar[Actor | None] = ContextVar("o2o_actor", default=None)


def current() -> Actor:
    """Return the actor of this context; outside any request it is the system under a fresh request id."""
    actor = _current.get()
    if actor is None:
        actor = Actor(None, new_request_id())
        _current.set(actor)
    return actor


def act_as(account_id: int | None, request_id: str | None = None) -> Actor:
    """Set the actor of this context and return it."""
    actor = Actor(account_id, request_id or new_request_id())
    _current.set(actor)
    return actor


def new_request_id() -> str:
    """Make an identifier that a visitor can read out to the operator."""
    return secrets.token_hex(6)
