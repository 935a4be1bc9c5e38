"""The second door: a recovery key that makes an account or opens one, and ten single-use codes."""

from sqlalchemy import ColumnElement, delete, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session

from o2o.accounts import queries
from o2o.accounts.keys import digest, normal
from o2o.accounts.models import Account, RecoveryCode, RecoveryKey
from o2o.accounts.rules import REPLAY, create_account
from o2o.kernel import clock, journal
from o2o.kernel.db import Instant, insert_ignore


def create_with_key(session: Session, *, key: str) -> int:
    """Make an account that this key opens and return its id; the same key again is the same account."""
    known = _account_of_key(session, key)
    if known is not None:
        return known
    account = create_account(session)
    row = {"account_id": account.id, "digest": digest(key), "created_at": clock.now()}
    if insert_ignore(session, RecoveryKey.__table__, row):  # type: ignore[arg-type]
        return account.id
    # The same form was sent twice at once and the other was first.
    session.delete(account)
    session.flush()
    return session.scalars(select(RecoveryKey.account_id).where(RecoveryKey.digest == digest(key))).one()


def replace_key(session: Session, *, account_id: int, key: str) -> None:
    """Give an account this recovery key, fact door.key; the one before opens nothing any more."""
    session.get_one(Account, account_id, with_for_update=True)
    if _account_of_key(session, key) == account_id:
        return
    session.execute(delete(RecoveryKey).where(RecoveryKey.account_id == account_id))
    _add(session, account_id, key)


def first_key(session: Session, *, account_id: int, key: str) -> None:
    """Give an account that nothing opens this recovery key, fact door.key; sent twice it is one.

    RuleBroken has_door (409) where something opens it.
    """
    session.get_one(Account, account_id, with_for_update=True)
    if _account_of_key(session, key) == account_id:
        return
    queries.check_doorless(session, account_id=account_id, lock=True)
    _add(session, account_id, key)


def replace_codes(session: Session, *, account_id: int, codes: list[str]) -> None:
    """Give an account these single-use codes instead of all earlier ones; sent twice it changes nothing."""
    session.get_one(Account, account_id, with_for_update=True)
    digests = {digest(code) for code in codes}
    held = set(session.scalars(select(RecoveryCode.digest).where(RecoveryCode.account_id == account_id)))
    if held == digests:
        return
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    rows = [{"account_id": account_id, "digest": value} for value in sorted(digests)]
    session.execute(insert(RecoveryCode), rows)


def open_with(session: Session, *, text: str, again: bool = False) -> int | None:
    """Return the account that a typed key or code opens, None when it opens none; a code is used up by it.

    `again` says that this very form was answered before: within REPLAY a used code counts once more.
    """
    typed = normal(text)
    if typed is None:
        return None
    now = clock.now()
    used = update(RecoveryKey).where(RecoveryKey.digest == digest(typed)).values(last_used_at=now)
    by_key = session.execute(used.returning(RecoveryKey.account_id)).scalar()
    if by_key is not None:
        return int(by_key)
    usable: list[ColumnElement[bool]] = [RecoveryCode.used_at.is_(None)]
    if again:
        usable.append(RecoveryCode.used_at > now - REPLAY)
    spend = update(RecoveryCode).where(RecoveryCode.digest == digest(typed), or_(*usable))
    spend = spend.values(used_at=func.coalesce(RecoveryCode.used_at, literal(now, Instant)))
    by_code = session.execute(spend.returning(RecoveryCode.account_id)).scalar()
    return None if by_code is None else int(by_code)


def _add(session: Session, account_id: int, key: str) -> None:
    session.add(RecoveryKey(account_id=account_id, digest=digest(key), created_at=clock.now()))
    session.flush()
    journal.record(session, "door.key", account_id=account_id)


def _account_of_key(session: Session, key: str) -> int | None:
    found = select(RecoveryKey.account_id).where(RecoveryKey.digest == digest(key))
    return session.scalars(found).one_or_none()
