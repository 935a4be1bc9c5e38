"""What happens to an inbox: told once, read."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from o2o.accounts.queries import consented
from o2o.kernel import clock
from o2o.kernel.db import insert_ignore
from o2o.notifications.models import Message
from o2o.notifications.sentences import kind_of


def tell(session: Session, *, account_id: int, key: str, kind: str, link: str, **values: Any) -> bool:
    """Put a message into an inbox; the same key again changes nothing. Tell whether it is new.

    A kind with a purpose is told only to those who agreed to it; receipts are always told.
    `kind` is a line of sentences.py, `link` a path of this site. Values are plain; these are worded when read:
    `amount` (minor units) with `currency`, and `shop` with `shop_zh` and `shop_en`.
    """
    purpose = kind_of(kind).purpose
    if purpose and not consented(session, account_id, purpose):
        return False
    row = {
        "account_id": account_id,
        "key": key,
        "kind": kind,
        "link": link,
        "values": values,
        "at": clock.now(),
    }
    return bool(insert_ignore(session, Message.__table__, row))  # type: ignore[arg-type]


def mark_read(session: Session, *, account_id: int, up_to: int) -> None:
    """Mark what this person has seen, up to a message's number, as read; what came since stays new."""
    unread = (Message.account_id == account_id, Message.read_at.is_(None), Message.id <= up_to)
    session.execute(update(Message).where(*unread).values(read_at=clock.now()))
