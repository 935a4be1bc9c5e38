"""Balances and heads, read only."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.ledger.models import Balance, Book, Leg, Posting, Seal

PLATFORM = "platform"


def shop_book(shop_id: int) -> str:
    """Name a shop's book."""
    return f"shop:{shop_id}"


def balance(session: Session, *, book: str, account: str, currency: str) -> int:
    """Return one account's balance in minor units, debit positive; 0 when nothing was posted."""
    return (
        session.scalar(
            select(Balance.amount).where(
                Balance.book == book, Balance.account == account, Balance.currency == currency
            )
        )
        or 0
    )


def balances(session: Session, book: str) -> dict[tuple[str, str], int]:
    """Return a book's balances by (account, currency)."""
    rows = select(Balance.account, Balance.currency, Balance.amount).where(Balance.book == book)
    return {(row[0], row[1]): row[2] for row in session.execute(rows.order_by(Balance.account))}


def totals(session: Session) -> dict[tuple[str, str], int]:
    """Return the balances of all books together by (account, currency); they sum to 0 per currency."""
    rows = select(Balance.account, Balance.currency, func.sum(Balance.amount))
    grouped = rows.group_by(Balance.account, Balance.currency).order_by(Balance.currency, Balance.account)
    return {(row[0], row[1]): int(row[2]) for row in session.execute(grouped)}


def postings(session: Session, *, subject: str) -> list[tuple[Posting, dict[str, int]]]:
    """List what was posted about a subject, with its legs, oldest first."""
    rows = session.scalars(select(Posting).where(Posting.subject == subject).order_by(Posting.id)).all()
    legs = session.scalars(select(Leg).where(Leg.posting_id.in_([row.id for row in rows]))).all()
    return [(row, {leg.account: leg.amount for leg in legs if leg.posting_id == row.id}) for row in rows]


def unsealed_heads(session: Session, *, before: datetime) -> list[tuple[str, int, str]]:
    """List (book, seq, hash) of each book's last posting before a moment, where no seal has it yet."""
    last = select(Posting.book, func.max(Posting.seq).label("seq")).where(Posting.at < before)
    heads = last.group_by(Posting.book).subquery()
    sealed = select(Seal.book, func.max(Seal.seq).label("seq")).group_by(Seal.book).subquery()
    rows = (
        select(Posting.book, Posting.seq, Posting.hash)
        .join(heads, (heads.c.book == Posting.book) & (heads.c.seq == Posting.seq))
        .outerjoin(sealed, sealed.c.book == Posting.book)
        .where(func.coalesce(sealed.c.seq, 0) < Posting.seq)
        .order_by(Posting.book)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(rows)]


def books(session: Session) -> list[Book]:
    """List all books by name."""
    return list(session.scalars(select(Book).order_by(Book.name)))
