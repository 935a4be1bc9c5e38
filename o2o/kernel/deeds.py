"""What a writing transaction is to be remembered as; the room of acts writes it down with the commit.

Here, because the shell's commands and the rooms below that one act too.
"""

from typing import Any

import click
from sqlalchemy.orm import Session

NOTED = "o2o_noted"
RECORDED = "o2o_recorded"
LONGEST = 64
# What people write or are called has no place in a log that is never erased.
PERSONAL = frozenset(
    [
        "name", "names", "handle", "note", "notes", "text", "words", "reason", "contact", "phone", "email", "address",
        "evidence", "statement", "holder", "number", "token", "code", "pin", "reply",
    ]
)  # fmt: skip


def note(session: Session, *, shop_id: int | None = None, role: str | None = None, **detail: Any) -> None:
    """Add detail to the act of this request: plain values (states, counts, before and after), never people's words.

    `shop_id` says in which shop's name it was done: that makes an act of a request that any signed-in person may
    make, when they hold a role there or `role` names it. Call it inside the writing transaction. Outside of requests
    nothing comes of it. Raises ValueError for what could be personal.
    """
    check(detail)
    noted = session.info.setdefault(NOTED, {"shop_id": None, "role": None, "detail": {}})
    noted["shop_id"] = shop_id or noted["shop_id"]
    noted["role"] = role or noted["role"]
    noted["detail"].update(detail)


def record(session: Session, *, verb: str, shop_id: int | None = None, **detail: Any) -> None:
    """Remember what the shell or the worker does, under a name of acts.words.COMMANDS; no person stands behind it."""
    check(detail)
    session.info.setdefault(RECORDED, []).append(
        {"verb": verb, "shop_id": shop_id, "role": _who(), "detail": detail}
    )


def check(detail: dict[str, Any]) -> None:
    """Raise ValueError for detail that is no plain value, or may hold what a person wrote or is called."""
    for key, value in detail.items():
        if key in PERSONAL:
            raise ValueError(f"an act never keeps {key!r}")
        if value is not None and not isinstance(value, bool | int | float | str):
            raise ValueError(f"an act keeps plain values only, {key!r} is none")
        if isinstance(value, str) and (len(value) > LONGEST or not value.isascii()):
            raise ValueError(f"an act keeps no free text, {key!r} may be one")


def _who() -> str:
    """Say which of the two nobodies acts: a person at the server's shell, or the worker by itself."""
    context = click.get_current_context(silent=True)
    return "worker" if context is None or context.info_name == "work" else "shell"
