"""The invariants of the books."""

from collections.abc import Iterator
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.kernel.checks import invariant
from o2o.ledger.models import Balance, Book, Leg, Posting, Seal
from o2o.ledger.rules import content_hash


@invariant("I1", "the legs of every posting sum to 0 per currency")
def legs_balance(session: Session) -> Iterator[str]:
    """Name postings whose legs do not balance, or that have none."""
    sums = select(Posting.id, Posting.key, Leg.currency, func.coalesce(func.sum(Leg.amount), 0), func.count())
    grouped = sums.outerjoin(Leg, Leg.posting_id == Posting.id).group_by(
        Posting.id, Posting.key, Leg.currency
    )
    for row in session.execute(grouped.having((func.sum(Leg.amount) != 0) | Leg.currency.is_(None))):
        yield f"posting {row[0]} ({row[1]}): {row[3]} {row[2]}"


@invariant("I2", "all legs together sum to 0 per currency")
def everything_balances(session: Session) -> Iterator[str]:
    """Name currencies that do not balance over all books."""
    sums = select(Leg.currency, func.sum(Leg.amount)).group_by(Leg.currency)
    for currency, amount in session.execute(sums.having(func.sum(Leg.amount) != 0)):
        yield f"{amount} {currency}"


@invariant("I3", "a cached balance is the sum of its legs")
def balances_are_sums(session: Session) -> Iterator[str]:
    """Name balances that differ from their legs, missing ones included."""
    key = (Posting.book, Leg.account, Leg.currency)
    sums = select(*key, func.sum(Leg.amount)).join(Posting, Posting.id == Leg.posting_id).group_by(*key)
    true = {(row[0], row[1], row[2]): int(row[3]) for row in session.execute(sums)}
    rows = select(Balance.book, Balance.account, Balance.currency, Balance.amount)
    kept = {(row[0], row[1], row[2]): row[3] for row in session.execute(rows)}
    for name in sorted(true.keys() | kept.keys()):
        if true.get(name, 0) != kept.get(name, 0):
            yield f"{'/'.join(name)}: cached {kept.get(name)}, legs {true.get(name, 0)}"


@invariant("I9", "every book is an unbroken chain up to its head, and every daily seal is in it")
def chains_hold(session: Session) -> Iterator[str]:
    """Name the first broken link of each book, heads that do not fit and seals that differ."""
    heads = {row.name: row for row in session.scalars(select(Book))}
    seals = {(row.book, row.seq): row.head for row in session.scalars(select(Seal))}
    rows = (
        select(Posting, Leg)
        .join(Leg, Leg.posting_id == Posting.id)
        .order_by(Posting.book, Posting.seq, Posting.id)
        .execution_options(yield_per=500)
    )
    for book, lines in groupby(session.execute(rows), key=lambda row: row[0].book):
        chain = _Chain(book, seals)
        yield from chain.walk(lines)
        head = heads.pop(book)
        if (head.seq, head.head) != (chain.seq, chain.prev):
            yield f"{book}: head {head.seq} is not the last posting {chain.seq}"
    yield from (f"{name}: head {row.seq} without postings" for name, row in heads.items() if row.seq)
    yield from (f"{book}: sealed posting {seq} is missing" for book, seq in sorted(seals))


class _Chain:
    """The walk along one book: where it is, and the hash it expects next."""

    def __init__(self, book: str, seals: dict[tuple[str, int], str]) -> None:
        self.book = book
        self.seals = seals
        self.seq = 0
        self.prev = ""

    def walk(self, lines: Iterator[tuple[Posting, Leg]]) -> Iterator[str]:
        """Follow the links; take the seals that fit off the list."""
        for posting, legs in groupby(lines, key=lambda row: row[0]):
            found = [leg for _, leg in legs]
            fits = posting.seq == self.seq + 1 and posting.prev == self.prev
            content = content_hash(posting, found[0].currency, {leg.account: leg.amount for leg in found})
            if not fits or content != posting.hash:
                yield f"{self.book}: link {posting.seq} is broken"
            sealed = self.seals.pop((self.book, posting.seq), posting.hash)
            if sealed != posting.hash:
                yield f"{self.book}: posting {posting.seq} differs from its seal"
            self.seq, self.prev = posting.seq, posting.hash
