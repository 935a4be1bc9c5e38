"""What happens to an inbox: told once, read."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import update
from sqlalchemy.orm import Session

from o2o.accounts.queries import consented
from o2o.kernel import clock
from o2o.kernel.db import insert_ignore
from o2o.notifications.models import Message
from o2o.notifications.sentences import kind_of


class News(NamedTuple):
    """A message for somebody's inbox: `key` makes it unique, `kind` is a line of sentences.py, `link` a path here."""

    account_id: int
    key: str
    kind: str
    link: str
    values: Mapping[str, Any]


def tell(session: Session, *, account_id: int, key: str, kind: str, link: str, **values: Any) -> bool:
    """Put a message into an inbox; the same key again changes nothing. Tell whether it is new.

    A kind with a purpose is told only to those who agreed to it; receipts are always told.
    `kind` is a line of sentences.py, `link` a path of this site. Values are plain; these are worded when read:
    `amount` (minor units) with `currency`, and `shop` with `shop_zh` and `shop_en`.
    """
    return bool(tell_all(session, news=[News(account_id, key, kind, link, values)]))


def tell_all(session: Session, *, news: Sequence[News]) -> int:
    """Put many messages into inboxes, as `tell` does, by one statement; return how many are new."""
    now = clock.now()
    rows = [{**one._asdict(), "at": now} for one in news if _agreed(session, one)]
    return insert_ignore(session, Message.__table__, rows) if rows else 0  # type: ignore[arg-type]


def _agreed(session: Session, one: News) -> bool:
    purpose = kind_of(one.kind).purpose
    return not purpose or consented(session, one.account_id, purpose)


def mark_read(session: Session, *, account_id: int, up_to: int) -> None:
    """Mark what this person has seen, up to a message's number, as read; what came since stays new."""
    unread = (Message.account_id == account_id, Message.read_at.is_(None), Message.id <= up_to)
    session.execute(update(Message).where(*unread).values(read_at=clock.now()))
