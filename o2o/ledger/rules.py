"""Post balanced transactions; nothing here changes or deletes one."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from o2o.kernel import actor, clock
from o2o.kernel.db import insert_ignore
from o2o.kernel.errors import RuleBroken
from o2o.kernel.words import N_
from o2o.ledger import triggers as triggers
from o2o.ledger.models import ACCOUNTS, Balance, Book, Leg, Posting, Seal

Legs = Mapping[str, int]
# Account, currency, amount.
LegKey = tuple[str, str, int]


class Draft(NamedTuple):
    """A transaction to be posted: minor units per account, debit positive."""

    key: str
    kind: str
    subject: str
    currency: str
    legs: Legs


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
    draft = Draft(key, kind, subject, currency, legs)
    return post_all(session, book=book, shop_id=shop_id, postings=[draft])[0]


def post_all(session: Session, *, book: str, shop_id: int | None, postings: Sequence[Draft]) -> list[Posting]:
    """Append transactions to a book in their order, each as `post` does, and return the posting of each.

    The book is locked once, and as many statements do it however many there are. One that breaks a rule breaks
    all; a key that comes twice with the same content is posted once.
    """
    drafts = [draft._replace(legs=_checked(draft.legs)) for draft in postings]
    if not drafts:
        return []
    head = _lock(session, book, shop_id)
    # Asked behind the lock: a rival may have posted a key while it was waited for.
    there = _posted(session, [draft.key for draft in drafts])
    fresh: dict[str, Posting] = {}
    seq, last = head.seq, head.head
    for draft in drafts:
        if draft.key in there:
            _check_same(there[draft.key], book, draft)
            continue
        posting = _chained(book, seq, last, draft)
        seq, last = posting.seq, posting.hash
        fresh[draft.key] = posting
        there[draft.key] = _Posted(posting, _content(draft))
    if fresh:
        _write(session, head, [(fresh[key], there[key].legs) for key in fresh])
    return [there[draft.key].posting for draft in drafts]


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


class _Posted(NamedTuple):
    """A posting and its legs."""

    posting: Posting
    legs: frozenset[LegKey]


def _posted(session: Session, keys: Sequence[str]) -> dict[str, _Posted]:
    """Return what is posted under these keys."""
    found = session.scalars(select(Posting).where(Posting.key.in_(keys))).all()
    legs: dict[int, set[LegKey]] = {posting.id: set() for posting in found}
    rows = select(Leg.posting_id, Leg.account, Leg.currency, Leg.amount).where(Leg.posting_id.in_(legs))
    for posting_id, account, currency, amount in session.execute(rows) if legs else ():
        legs[posting_id].add((account, currency, amount))
    return {posting.key: _Posted(posting, frozenset(legs[posting.id])) for posting in found}


def _content(draft: Draft) -> frozenset[LegKey]:
    return frozenset((account, draft.currency, amount) for account, amount in draft.legs.items())


def _check_same(there: _Posted, book: str, draft: Draft) -> None:
    if there.posting.book != book or there.legs != _content(draft):
        raise RuleBroken("key_reused", N_("This was already booked with other content. Nothing was changed."))


def _lock(session: Session, book: str, shop_id: int | None) -> Book:
    """Return the book, made when missing, locked until the commit (SQLite has one writer anyway)."""
    row = {"name": book, "shop_id": shop_id, "seq": 0, "head": ""}
    insert_ignore(session, Book.__table__, row)  # type: ignore[arg-type]
    locked = select(Book).where(Book.name == book).with_for_update()
    return session.scalars(locked.execution_options(populate_existing=True)).one()


def _chained(book: str, seq: int, prev: str, draft: Draft) -> Posting:
    """Make the posting that follows number `seq` with the hash `prev`."""
    who = actor.current()
    posting = Posting(
        book=book,
        seq=seq + 1,
        key=draft.key,
        kind=draft.kind,
        subject=draft.subject,
        at=clock.now(),
        actor=who.label,
        request_id=who.request_id,
        prev=prev,
    )
    posting.hash = content_hash(posting, draft.currency, draft.legs)
    return posting


def _write(session: Session, head: Book, fresh: Sequence[tuple[Posting, frozenset[LegKey]]]) -> None:
    """Write postings that follow the head, then their legs, the head and the balances."""
    session.add_all(posting for posting, _ in fresh)
    session.flush()
    rows = []
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for posting, legs in fresh:
        for account, currency, amount in sorted(legs):
            sums[account, currency] += amount
            rows.append(
                {"posting_id": posting.id, "account": account, "currency": currency, "amount": amount}
            )
    session.execute(insert(Leg), rows)
    _advance(session, head.name, fresh[0][0], fresh[-1][0])
    for (account, currency), amount in sorted(sums.items()):
        _add_to_balance(session, head.name, account, currency, amount)


def _advance(session: Session, book: str, first: Posting, last: Posting) -> None:
    """Move the book's head to the last posting, on the condition that it is still the first one's predecessor."""
    head = (Book.name == book, Book.seq == first.seq - 1, Book.head == first.prev)
    moved = update(Book).where(*head).values(seq=last.seq, head=last.hash)
    if session.execute(moved).rowcount != 1:  # type: ignore[attr-defined]
        raise RuntimeError(f"the head of {book} moved under its lock")


def _add_to_balance(session: Session, book: str, account: str, currency: str, amount: int) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = insert(Balance).values(book=book, account=account, currency=currency, amount=amount)
    added = {"amount": Balance.amount + amount}
    session.execute(row.on_conflict_do_update(index_elements=["book", "account", "currency"], set_=added))
