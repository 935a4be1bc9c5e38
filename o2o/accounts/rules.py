"""Make accounts, start and end logins, make and use one-time links, give and take back consent."""

import re
import secrets
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, func, literal, or_, update
from sqlalchemy.orm import Session

from o2o.accounts.consent import PURPOSES
from o2o.accounts.keys import digest, normal
from o2o.accounts.models import Account, Consent, Login, RecoveryCode, SignInLink
from o2o.kernel import clock
from o2o.kernel.db import Instant, insert_ignore, new_id
from o2o.kernel.errors import BadInput, RuleBroken
from o2o.kernel.words import N_

# A login ends after so long whatever happens; the idle limit is the cookie's own age, see login.py.
ABSOLUTE = timedelta(days=180)
LINK_LIFE = timedelta(minutes=10)
# Within this time the same form sent again gets the same answer: a double tap, or an answer lost on the way.
REPLAY = timedelta(minutes=1)
SEEN_EVERY = timedelta(minutes=10)
HANDLE = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
LINK_GONE = N_("This link was used or has expired. Please ask for a new one.")


def create_account(session: Session, *, handle: str | None = None, operator: bool = False) -> Account:
    """Make an account; `handle` is for the server's shell only; BadInput for one of another form."""
    if handle is not None and not HANDLE.fullmatch(handle):
        raise BadInput(
            "bad_handle", N_("A name has 1 to 40 small letters, digits, dots, dashes or underscores.")
        )
    account = Account(opaque=new_id(), handle=handle, is_operator=operator, created_at=clock.now())
    session.add(account)
    session.flush()
    return account


def make_operator(session: Session, *, account_id: int) -> None:
    """Give an account the platform's desk; only the server's shell calls this."""
    session.execute(update(Account).where(Account.id == account_id).values(is_operator=True))


def start_login(session: Session, *, account_id: int, device: str, instead_of: str | None = None) -> str:
    """Sign a device in and return the token for its cookie.

    `instead_of`, the token that the browser showed so far, ends: nobody goes on with an id from before. Where
    the same person signs in again, the till's chosen shop stays.
    """
    now = clock.now()
    before = session.get(Login, digest(instead_of)) if instead_of else None
    shop_id = (
        before.shop_id if before and before.account_id == account_id and before.ended_at is None else None
    )
    if before and before.ended_at is None:
        before.ended_at = now
    token = secrets.token_urlsafe(32)
    login = Login(digest=digest(token), account_id=account_id, device=device[:80], public_id=new_id())
    login.created_at = login.seen_at = login.fresh_at = now
    login.expires_at = now + ABSOLUTE
    login.shop_id = shop_id
    session.add(login)
    session.flush()
    return token


def end_login(session: Session, *, token: str) -> None:
    """End the login of this cookie; ending it twice changes nothing."""
    ending = update(Login).where(Login.digest == digest(token), Login.ended_at.is_(None))
    session.execute(ending.values(ended_at=clock.now()))


def end_logins(session: Session, *, account_id: int, only: str | None = None, but: str | None = None) -> int:
    """End an account's logins: one by its public id, or all but one; return how many ended."""
    ending = update(Login).where(Login.account_id == account_id, Login.ended_at.is_(None))
    if only is not None:
        ending = ending.where(Login.public_id == only)
    if but is not None:
        ending = ending.where(Login.public_id != but)
    return int(session.execute(ending.values(ended_at=clock.now())).rowcount)  # type: ignore[attr-defined]


def note_seen(session: Session, *, public_id: str) -> None:
    """Note when a device last did something, to ten minutes."""
    now = clock.now()
    seen = update(Login).where(Login.public_id == public_id, Login.seen_at < now - SEEN_EVERY)
    session.execute(seen.values(seen_at=now))


def choose_shop(session: Session, *, public_id: str, shop_id: int | None) -> None:
    """Remember at which shop's till this device stands; whoever calls has checked the role."""
    session.execute(update(Login).where(Login.public_id == public_id).values(shop_id=shop_id))


def make_sign_in_link(session: Session, *, account_id: int) -> str:
    """Return the token of a one-time address that signs this account in within ten minutes."""
    token = secrets.token_urlsafe(32)
    link = SignInLink(digest=digest(token), account_id=account_id, expires_at=clock.now() + LINK_LIFE)
    session.add(link)
    session.flush()
    return token


def use_sign_in_link(session: Session, *, token: str, again: bool = False) -> int:
    """Use a link up and return its account; RuleBroken 410 when it was used or is too old.

    `again` says that this very form was answered before: within REPLAY it opens the link once more.
    """
    now = clock.now()
    usable: list[ColumnElement[bool]] = [SignInLink.used_at.is_(None)]
    if again:
        usable.append(SignInLink.used_at > now - REPLAY)
    using = update(SignInLink).where(SignInLink.digest == digest(token), SignInLink.expires_at > now)
    using = using.where(or_(*usable))
    using = using.values(used_at=func.coalesce(SignInLink.used_at, literal(now, Instant)))
    row = session.execute(using.returning(SignInLink.account_id)).first()
    if row is None:
        raise RuleBroken("link_gone", LINK_GONE, status=410)
    return int(row[0])


def use_recovery_code(session: Session, *, account_id: int, text: str) -> bool:
    """Use up one of an account's ten codes, as typed; False when it is none of them or was used before."""
    typed = normal(text)
    if typed is None:
        return False
    mine = (RecoveryCode.account_id == account_id, RecoveryCode.digest == digest(typed))
    spend = update(RecoveryCode).where(*mine, RecoveryCode.used_at.is_(None)).values(used_at=clock.now())
    return session.execute(spend.returning(RecoveryCode.id)).first() is not None


def forget_stale(session: Session) -> int:
    """Delete links and logins that can no longer be used, a month after their end; return how many."""
    long_ago = clock.now() - timedelta(days=30)
    old_links = delete(SignInLink).where(SignInLink.expires_at < long_ago)
    old_logins = delete(Login).where((Login.ended_at < long_ago) | (Login.expires_at < long_ago))
    gone = [session.execute(old).rowcount for old in (old_links, old_logins)]  # type: ignore[attr-defined]
    return int(gone[0]) + int(gone[1])


def give_consent(session: Session, *, account_id: int, purpose: str) -> bool:
    """Note a person's yes with its time and tell whether it is new; a yes that stands keeps its date.

    BadInput for a purpose that nobody asks about.
    """
    _known(purpose)
    row = {"account_id": account_id, "purpose": purpose, "given_at": clock.now()}
    # The partial unique index decides between two taps at once.
    return bool(insert_ignore(session, Consent.__table__, row))  # type: ignore[arg-type]


def withdraw_consent(session: Session, *, account_id: int, purpose: str) -> bool:
    """End a person's yes with the time of it and tell whether there was one; BadInput for an unknown purpose."""
    _known(purpose)
    live = update(Consent).where(Consent.account_id == account_id, Consent.purpose == purpose)
    ending = live.where(Consent.withdrawn_at.is_(None)).values(withdrawn_at=clock.now())
    return bool(session.execute(ending).rowcount)  # type: ignore[attr-defined]


def _known(purpose: str) -> None:
    if purpose not in PURPOSES:
        raise BadInput("bad_purpose", N_("This form is damaged. Please reload the page and try again."))
