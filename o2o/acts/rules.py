"""Say more about the act of this request, or remember one that no request makes; the commit writes it down."""

from typing import Any

from sqlalchemy.orm import Session

from o2o.acts.words import COMMANDS
from o2o.kernel import deeds
from o2o.kernel.deeds import note

__all__ = ["note", "record"]


def record(session: Session, *, verb: str, shop_id: int | None = None, **detail: Any) -> None:
    """Remember what the shell or the worker decides, as `deeds.record` does; ValueError for a verb without words."""
    if verb not in COMMANDS:
        raise ValueError(f"{verb!r} has no words in acts/words.py")
    deeds.record(session, verb=verb, shop_id=shop_id, **detail)
