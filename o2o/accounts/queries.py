"""Getters of accounts and of what opens them; the lines that rooms above add to /me."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from o2o.accounts.keys import digest
from o2o.accounts.models import Account, Consent, Login, Passkey, RecoveryCode, RecoveryKey, SignInLink
from o2o.kernel import clock
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.words import N_


class Place(NamedTuple):
    """A line of /me: address, icon, and untranslated texts with their values."""

    url: str
    icon: str
    text: str
    note: str = ""
    params: dict[str, Any] = {}  # noqa: RUF012  (never changed)


Source = Callable[[Session, int, str], list[Place]]
SOURCES: list[Source] = []


def on_me(source: Source) -> Source:
    """Register `(session, account_id, locale) -> places`: rooms above add their lines to /me by it."""
    if source not in SOURCES:
        SOURCES.append(source)
    return source


class Doors(NamedTuple):
    """How many ways lead into an account."""

    passkeys: int
    keys: int
    codes: int
    logins: int

    @property
    def can_confirm(self) -> bool:
        """Tell whether the person has anything to prove with that it is them."""
        return bool(self.passkeys or self.keys or self.codes)


def account_by_handle(session: Session, handle: str) -> Account | None:
    """Return the account that the server's shell calls so."""
    return session.scalars(select(Account).where(Account.handle == handle)).one_or_none()


def live_login(session: Session, token: str) -> Row[Any] | None:
    """Return what a cookie's token says about its visitor in one query, None when it is worth nothing."""
    wanted = (
        select(Login.account_id, Login.public_id, Login.shop_id, Login.fresh_at, Login.seen_at)
        .add_columns(Account.opaque, Account.is_operator, Account.handle)
        .join(Account, Account.id == Login.account_id)
        .where(Login.digest == digest(token), Login.ended_at.is_(None), Login.expires_at > clock.now())
        .where(Account.erased_at.is_(None))
    )
    return session.execute(wanted).one_or_none()


def logins_of(session: Session, *, account_id: int) -> list[Login]:
    """List the devices that are signed in, the last active first."""
    live = select(Login).where(Login.account_id == account_id, Login.ended_at.is_(None))
    return list(session.scalars(live.where(Login.expires_at > clock.now()).order_by(Login.seen_at.desc())))


def own_login(session: Session, *, account_id: int, public_id: str) -> Login:
    """Return one of the account's logins, ended or not; NotAllowed otherwise."""
    mine = select(Login).where(Login.account_id == account_id, Login.public_id == public_id)
    row = session.scalars(mine).one_or_none()
    if row is None:
        raise NotAllowed
    return row


def passkeys_of(session: Session, *, account_id: int) -> list[Passkey]:
    """List an account's passkeys, the oldest first."""
    return list(session.scalars(select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.id)))


def own_passkey(session: Session, *, account_id: int, passkey_id: int) -> Passkey:
    """Return one of the account's passkeys; NotAllowed otherwise."""
    row = session.get(Passkey, passkey_id)
    if row is None or row.account_id != account_id:
        raise NotAllowed
    return row


def passkey_by_credential(session: Session, credential_id: bytes) -> Passkey | None:
    """Return the passkey that a phone names."""
    return session.scalars(select(Passkey).where(Passkey.credential_id == credential_id)).one_or_none()


def doors(session: Session, *, account_id: int) -> Doors:
    """Count the ways into an account in one query."""
    logins = (Login.ended_at.is_(None), Login.expires_at > clock.now())
    parts = [
        select(func.count()).where(Passkey.account_id == account_id),
        select(func.count()).where(RecoveryKey.account_id == account_id),
        select(func.count()).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None)),
        select(func.count()).where(Login.account_id == account_id, *logins),
    ]
    return Doors(*session.execute(select(*(part.scalar_subquery() for part in parts))).one())


def check_doorless(session: Session, *, account_id: int, lock: bool = False) -> None:
    """Pass where no key and no passkey opens an account; RuleBroken has_door (409) else, and for the platform's own.

    `lock` takes the account's row first, so that two first keys made at once are one.
    """
    account = session.get_one(Account, account_id, with_for_update=lock or None, populate_existing=lock)
    if account.is_operator or doors(session, account_id=account_id).can_confirm:
        raise RuleBroken("has_door", N_("Your account has a key by now. Confirm with it that it is you."))


def link_is_live(session: Session, token: str) -> bool:
    """Tell whether a one-time address still opens something."""
    row = session.get(SignInLink, digest(token))
    return row is not None and row.used_at is None and row.expires_at > clock.now()


def key_made_at(session: Session, *, account_id: int) -> datetime | None:
    """Say when the account's recovery key was made."""
    return session.scalars(
        select(RecoveryKey.created_at).where(RecoveryKey.account_id == account_id)
    ).one_or_none()


def consented(session: Session, account_id: int, purpose: str) -> bool:
    """Tell whether this person has said yes to a purpose and not taken it back; nobody has by default."""
    live = select(Consent.id).where(Consent.account_id == account_id, Consent.purpose == purpose)
    return session.scalars(live.where(Consent.withdrawn_at.is_(None))).first() is not None


def consents_of(session: Session, *, account_id: int) -> list[Consent]:
    """List every yes that a person ever gave, the newest first."""
    mine = select(Consent).where(Consent.account_id == account_id)
    return list(session.scalars(mine.order_by(Consent.given_at.desc(), Consent.id.desc())))
