"""Ceremonies and passkeys: challenges are single-use, bound to one browser and one purpose."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from o2o.accounts import queries
from o2o.accounts.models import Account, Challenge, Passkey, RecoveryKey
from o2o.accounts.webauthn import NewCredential, refusal
from o2o.kernel import clock, journal
from o2o.kernel.db import insert_ignore
from o2o.kernel.errors import RuleBroken
from o2o.kernel.words import N_

CHALLENGE_LIFE = timedelta(minutes=5)
MOST_PASSKEYS = 20


def begin(
    session: Session,
    *,
    purpose: str,
    browser: str,
    account_id: int | None = None,
    handle: bytes | None = None,
) -> bytes:
    """Make a challenge for one ceremony in one browser and return it."""
    challenge = secrets.token_bytes(32)
    row = Challenge(id=_id(browser, challenge), purpose=purpose, challenge=challenge, user_handle=handle)
    row.account_id = account_id
    row.expires_at = clock.now() + CHALLENGE_LIFE
    session.add(row)
    session.flush()
    return challenge


def take(
    session: Session, *, purpose: str, browser: str, challenge: bytes, account_id: int | None
) -> bytes | None:
    """Delete the challenge, before anything is verified, and return the user handle it was made with.

    Raises BadInput when there is none for this browser, purpose and account, or it is too old.
    """
    wanted = (Challenge.id == _id(browser, challenge), Challenge.purpose == purpose)
    owner = Challenge.account_id.is_(None) if account_id is None else Challenge.account_id == account_id
    gone = delete(Challenge).where(*wanted, owner, Challenge.expires_at > clock.now())
    row = session.execute(gone.returning(Challenge.id, Challenge.user_handle)).first()
    if row is None:
        raise refusal()
    return row[1]


def add_to(session: Session, *, account_id: int, made: NewCredential, handle: bytes, label: str) -> None:
    """Give an account that somebody has one more passkey, as add does; fact door.passkey, for its person to hear of."""
    add(session, account_id=account_id, made=made, handle=handle, label=label)
    journal.record(session, "door.passkey", account_id=account_id)


def add(session: Session, *, account_id: int, made: NewCredential, handle: bytes, label: str) -> None:
    """Give an account a passkey; RuleBroken when the credential is known or there are too many."""
    session.get_one(Account, account_id, with_for_update=True)
    held = select(func.count()).where(Passkey.account_id == account_id)
    if (session.scalar(held) or 0) >= MOST_PASSKEYS:
        raise RuleBroken(
            "too_many_passkeys", N_("You have twenty passkeys. Remove one you no longer use first.")
        )
    values = {name: getattr(made, name) for name in made.__slots__}
    values |= {
        "account_id": account_id,
        "user_handle": handle,
        "label": label[:60],
        "created_at": clock.now(),
    }
    if not insert_ignore(session, Passkey.__table__, values):  # type: ignore[arg-type]
        raise RuleBroken("passkey_known", N_("This passkey is already in use here. Sign in with it instead."))


def note_use(session: Session, *, passkey_id: int, sign_count: int, backed_up: bool) -> None:
    """Note a use; BadInput when the passkey is gone or another answer with this count was first."""
    still = or_(Passkey.sign_count < sign_count, (Passkey.sign_count == 0) & (sign_count == 0))
    used = update(Passkey).where(Passkey.id == passkey_id, still)
    used = used.values(sign_count=sign_count, backed_up=backed_up, last_used_at=clock.now())
    if not session.execute(used).rowcount:  # type: ignore[attr-defined]
        raise refusal()


def rename(session: Session, *, account_id: int, passkey_id: int, label: str) -> None:
    """Give a passkey the name its owner wants."""
    queries.own_passkey(session, account_id=account_id, passkey_id=passkey_id).label = label


def remove(session: Session, *, account_id: int, passkey_id: int) -> None:
    """Remove a passkey; RuleBroken when nothing else would open the account.

    Codes do not count as a way in, they run out. The account's row is locked, so that two devices cannot
    remove the last two at once.
    """
    session.get_one(Account, account_id, with_for_update=True)
    passkey = queries.own_passkey(session, account_id=account_id, passkey_id=passkey_id)
    others = select(func.count()).where(Passkey.account_id == account_id, Passkey.id != passkey_id)
    keys = select(func.count()).where(RecoveryKey.account_id == account_id)
    if not session.scalar(others) and not session.scalar(keys):
        raise RuleBroken(
            "last_way_in",
            N_("This is the only way into your account. Add a passkey or a recovery key first."),
        )
    session.delete(passkey)


def forget_challenges(session: Session) -> int:
    """Delete challenges that are too old; return how many."""
    old = delete(Challenge).where(Challenge.expires_at < clock.now())
    return int(session.execute(old).rowcount)  # type: ignore[attr-defined]


def _id(browser: str, challenge: bytes) -> str:
    return hashlib.sha256(browser.encode() + b"\0" + challenge).hexdigest()[:32]
