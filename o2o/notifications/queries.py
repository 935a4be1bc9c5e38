"""Reads of an inbox."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.accounts.queries import Place, on_me
from o2o.kernel.words import N_
from o2o.notifications.models import Message

PAGE = 20


def inbox(session: Session, *, account_id: int, page: int) -> tuple[list[Message], bool]:
    """Return one page of messages, the newest first, and whether there are more; pages count from 1."""
    mine = select(Message).where(Message.account_id == account_id)
    rows = mine.order_by(Message.at.desc(), Message.id.desc()).offset((page - 1) * PAGE).limit(PAGE + 1)
    found = list(session.scalars(rows))
    return found[:PAGE], len(found) > PAGE


def unread(session: Session, *, account_id: int) -> int:
    """Count the messages that were not read yet."""
    new = select(func.count()).where(Message.account_id == account_id, Message.read_at.is_(None))
    return session.scalar(new) or 0


@on_me
def inbox_line(session: Session, account_id: int, locale: str) -> list[Place]:
    """Give /me the way to the inbox, with how much is new in it."""
    new = unread(session, account_id=account_id)
    if not new:
        return [Place("/inbox", "inbox", N_("Inbox"), N_("Receipts and news"))]
    return [Place("/inbox", "inbox", N_("Inbox"), N_("New: %(num)s"), {"num": new})]
