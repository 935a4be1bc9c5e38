"""Post balanced transactions; nothing here changes or deletes one."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from o2o.kernel import actor, clock
from o2o.kernel.db import insert_ignore
from o2o.kernel.errors import RuleBroken
from o2o.kernel.words import N_
from o2o.ledger import triggers as triggers
from o2o.ledger.models import ACCOUNTS, Balance, Book, Leg, Posting, Seal

Legs = Mapping[str, int]


def post(
    session: Session,
    *,
    book: str,
    shop_id: int | None,
    key: str,
    kind: str,
    subject: str,
    currency: str,
    legs: Legs,
) -> Posting:
    """Append one transaction to a book: minor units per account, debit positive; zero legs are left out.

    In order: locks the book, writes the posting with the hash of its content and predecessor, its legs, the
    book's head and the cached balances. The same key returns the posting that is there; with other content it
    raises RuleBroken "key_reused" (409). ValueError when the legs do not sum to 0 or name no known account.
    """
    moved = _checked(legs)
    head = _lock(session, book, shop_id)
    # Asked behind the lock: a rival may have posted this key while it was waited for.
    known = _posted(session, book, key, currency, moved)
    if known is not None:
        return known
    posting = _chained(head, key=key, kind=kind, subject=subject, currency=currency, legs=moved)
    session.add(posting)
    session.flush()
    session.add_all(
        Leg(posting_id=posting.id, account=account, currency=currency, amount=amount)
        for account, amount in moved.items()
    )
    session.flush()
    _advance(session, posting)
    for account, amount in moved.items():
        _add_to_balance(session, book, account, currency, amount)
    return posting


def content_hash(posting: Posting, currency: str, legs: Legs) -> str:
    """Hash a posting's canonical content, its predecessor's hash included (SHA-256, hex)."""
    content: dict[str, Any] = {
        "book": posting.book,
        "seq": posting.seq,
        "key": posting.key,
        "kind": posting.kind,
        "subject": posting.subject,
        "at": clock.millis(posting.at),
        "actor": posting.actor,
        "request_id": posting.request_id,
        "prev": posting.prev,
        "legs": [[account, currency, legs[account]] for account in sorted(legs)],
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def seal(session: Session, *, book: str, day: date, seq: int, head: str) -> bool:
    """Write down a book's head at the end of a UTC day; tell whether this call wrote it."""
    row = {"book": book, "day": day, "seq": seq, "head": head, "at": clock.now()}
    return bool(insert_ignore(session, Seal.__table__, row))  # type: ignore[arg-type]


def _checked(legs: Legs) -> dict[str, int]:
    moved: dict[str, int] = {account: legs[account] for account in sorted(legs) if legs[account]}
    unknown = moved.keys() - ACCOUNTS.keys()
    if unknown:
        raise ValueError(f"no such account: {', '.join(sorted(unknown))}")
    if not moved or sum(moved.values()) != 0:
        raise ValueError("legs must move something and sum to 0")
    return moved


def _posted(session: Session, book: str, key: str, currency: str, legs: Legs) -> Posting | None:
    posting = session.scalars(select(Posting).where(Posting.key == key)).one_or_none()
    if posting is None:
        return None
    there = {(leg.account, leg.currency, leg.amount) for leg in _legs_of(session, posting.id)}
    if posting.book != book or there != {(account, currency, legs[account]) for account in legs}:
        raise RuleBroken("key_reused", N_("This was already booked with other content. Nothing was changed."))
    return posting


def _legs_of(session: Session, posting_id: int) -> list[Leg]:
    return list(session.scalars(select(Leg).where(Leg.posting_id == posting_id)))


def _lock(session: Session, book: str, shop_id: int | None) -> Book:
    """Return the book, made when missing, locked until the commit (SQLite has one writer anyway)."""
    row = {"name": book, "shop_id": shop_id, "seq": 0, "head": ""}
    insert_ignore(session, Book.__table__, row)  # type: ignore[arg-type]
    locked = select(Book).where(Book.name == book).with_for_update()
    return session.scalars(locked.execution_options(populate_existing=True)).one()


def _chained(head: Book, *, key: str, kind: str, subject: str, currency: str, legs: Legs) -> Posting:
    who = actor.current()
    posting = Posting(
        book=head.name,
        seq=head.seq + 1,
        key=key,
        kind=kind,
        subject=subject,
        at=clock.now(),
        actor=who.label,
        request_id=who.request_id,
        prev=head.head,
    )
    posting.hash = content_hash(posting, currency, legs)
    return posting


def _advance(session: Session, posting: Posting) -> None:
    """Move the book's head, on the condition that it is still the posting's predecessor."""
    head = (Book.name == posting.book, Book.seq == posting.seq - 1, Book.head == posting.prev)
    moved = update(Book).where(*head).values(seq=posting.seq, head=posting.hash)
    if session.execute(moved).rowcount != 1:  # type: ignore[attr-defined]
        raise RuntimeError(f"the head of {posting.book} moved under its lock")


def _add_to_balance(session: Session, book: str, account: str, currency: str, amount: int) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = insert(Balance).values(book=book, account=account, currency=currency, amount=amount)
    added = {"amount": Balance.amount + amount}
    session.execute(row.on_conflict_do_update(index_elements=["book", "account", "currency"], set_=added))
