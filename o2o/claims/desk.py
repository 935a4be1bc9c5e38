"""What a batch is held against: read in a handful of statements, once its passes and its till are locked."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from o2o.accounts.models import Account
from o2o.claims.books import Books, gather
from o2o.claims.models import Claim, Entry
from o2o.claims.reading import Read
from o2o.kernel import tokens
from o2o.passes.models import Pass
from o2o.redemption.models import Redemption
from o2o.shops.models import Role, Town
from o2o.tills import queries as tills
from o2o.tills.models import Till

# An honest till has hardly one: its ledger comes in order. Whoever signs more makes nobody read them all.
MOST_STRAYS = 1000


@dataclass(slots=True)
class Desk:
    """The till, the locked passes with their books, and which entries of the batch are here already.

    `passes` names the pass of each place in the batch, `codes` of each typed code, `targets` of each claim or
    counter redemption that is taken back. `by_seq` holds the neighbours too. `strays` are annuls that came before
    their claim. `worked` are accounts that ever had a role at the shop, `people` those that exist. `new` claims go
    in once they were folded.
    """

    session: Session
    till: Till
    account_id: int
    now: datetime
    codes: dict[str, str] = field(default_factory=dict)
    targets: dict[str, Claim | Redemption] = field(default_factory=dict)
    passes: dict[int, str] = field(default_factory=dict)
    books: dict[str, Books] = field(default_factory=dict)
    mentioned: set[str] = field(default_factory=set)
    by_id: dict[str, Entry] = field(default_factory=dict)
    by_seq: dict[int, Entry] = field(default_factory=dict)
    strays: dict[str, list[Entry]] = field(default_factory=dict)
    worked: set[int] = field(default_factory=set)
    people: set[int] = field(default_factory=set)
    new: list[Claim] = field(default_factory=list)
    town: Town | None = None

    def remembered(self) -> "Memory":
        """Copy what changes while entries are taken in."""
        return Memory(dict(self.by_id), dict(self.by_seq), _copied(self.strays), dict(self.targets))

    def recall(self, known: "Memory", pass_ids: list[str]) -> None:
        """Go back to what was known, after a savepoint was undone; books are read again."""
        self.by_id, self.by_seq, self.strays, self.targets = known
        self.new.clear()
        self.books |= gather(self.session, _locked(self.session, self.till.shop_id, set(pass_ids)))


class Memory(NamedTuple):
    """The part of a desk that a batch writes on."""

    by_id: dict[str, Entry]
    by_seq: dict[int, Entry]
    strays: dict[str, list[Entry]]
    targets: dict[str, Claim | Redemption]


def open_desk(
    session: Session, found: list[Read], *, till_id: str, shop_id: int, account_id: int, now: datetime
) -> Desk:
    """Lock what a batch concerns, passes by their ids and then the till, and read what is known of it."""
    lines = [entry.line for entry in found if entry.line is not None]
    typed = {entry.typed for entry in found if entry.typed}
    undone = {line.of for line in lines if line.act == "annul"}
    codes = _codes(session, shop_id, typed)
    targets = _targets(session, shop_id, undone)
    named = {line.pass_id for line in lines if line.act != "refuse"} | set(codes.values())
    named |= {entry.shown.token.pass_id for entry in found if entry.shown}
    named |= {row.pass_id for row in targets.values()}
    locked = _locked(session, shop_id, named)
    till = tills.till(session, till_id, lock=True)
    # The town is held on to: every message about a use asks for its clock.
    desk = Desk(session, till, account_id, now, codes=codes, town=session.get(Town, 1))
    # Once more, now that nobody else can bring entries of this till.
    desk.targets = _targets(session, shop_id, undone)
    desk.books = gather(session, locked)
    desk.mentioned = _there(session, shop_id, {line.pass_id for line in lines})
    _read_entries(desk, [line.claim_id for line in lines], [line.seq for line in lines])
    staff = {line.staff for line in lines}
    held = select(Role.account_id).where(Role.shop_id == shop_id, Role.account_id.in_(staff))
    desk.worked = set(session.scalars(held))
    desk.people = set(session.scalars(select(Account.id).where(Account.id.in_(staff))))
    desk.passes = _places(desk, found)
    return desk


def _copied(strays: dict[str, list[Entry]]) -> dict[str, list[Entry]]:
    return {of: list(rows) for of, rows in strays.items()}


def _codes(session: Session, shop_id: int, typed: set[str]) -> dict[str, str]:
    rows = select(Pass.short_code, Pass.id).where(Pass.short_code.in_(typed), Pass.shop_id == shop_id)
    return {row[0]: row[1] for row in session.execute(rows)} if typed else {}


def _targets(session: Session, shop_id: int, names: set[str]) -> dict[str, Claim | Redemption]:
    if not names:
        return {}
    at_counter = (
        select(Redemption)
        .where(Redemption.shop_id == shop_id, Redemption.nonce.in_(names), Redemption.claim_id.is_(None))
        .execution_options(populate_existing=True)
    )
    found: dict[str, Claim | Redemption] = {row.nonce: row for row in session.scalars(at_counter)}
    claims = select(Claim).where(Claim.shop_id == shop_id, Claim.id.in_(names))
    return found | {row.id: row for row in session.scalars(claims) if row.id not in found}


def _locked(session: Session, shop_id: int, ids: set[str]) -> list[Pass]:
    rows = select(Pass).where(Pass.id.in_(ids), Pass.shop_id == shop_id).order_by(Pass.id)
    fresh = rows.with_for_update().execution_options(populate_existing=True)
    return list(session.scalars(fresh))


def _there(session: Session, shop_id: int, ids: Iterable[str]) -> set[str]:
    return set(session.scalars(select(Pass.id).where(Pass.id.in_(ids), Pass.shop_id == shop_id)))


def _read_entries(desk: Desk, ids: list[str], seqs: list[int]) -> None:
    """Read the entries of the batch that are here, their neighbours in the chain, and annuls that wait."""
    near = {seq + step for seq in seqs for step in (-1, 0, 1)}
    of_till = Entry.till_id == desk.till.id
    rows = select(Entry).where(or_(Entry.claim_id.in_(ids), of_till & Entry.seq.in_(near)))
    for row in desk.session.scalars(rows.execution_options(populate_existing=True)):
        desk.by_id[row.claim_id] = row
        if row.till_id == desk.till.id:
            desk.by_seq[row.seq] = row
    waiting = (Entry.act == "annul", Entry.pass_id.is_(None), Entry.status == "stored")
    strays = select(Entry).where(of_till, *waiting).order_by(Entry.seq.desc()).limit(MOST_STRAYS)
    for row in desk.session.scalars(strays):
        desk.strays.setdefault(json.loads(row.raw)["of"], []).append(row)


def _places(desk: Desk, found: list[Read]) -> dict[int, str]:
    """Say which pass each entry of the batch is about; those about none are left out."""
    places = {}
    taken = {}
    for entry in found:
        if entry.line is None or entry.line.act != "redeem":
            continue
        pass_id = _pass_of(desk, entry)
        if pass_id in desk.books:
            places[entry.place] = taken[entry.line.claim_id] = pass_id
    for entry in found:
        if entry.line is not None and entry.line.act == "annul":
            target = desk.targets.get(entry.line.of)
            pass_id = target.pass_id if target else taken.get(entry.line.of, "")
            if pass_id in desk.books:
                places[entry.place] = pass_id
    return places


def _pass_of(desk: Desk, entry: Read) -> str:
    """Name the pass by what was verified; a typed code of an earlier form must have been that form's."""
    if entry.shown is not None:
        return entry.shown.token.pass_id
    known = desk.codes.get(entry.typed)
    if known is not None or entry.line is None or not entry.typed:
        return known or ""
    books = desk.books.get(entry.line.pass_id)
    if books is None or entry.line.gen >= books.pass_.gen:
        return ""
    # Nobody kept the codes of forms from before there were tills.
    kept = books.codes.get(entry.line.gen)
    return entry.line.pass_id if kept in (None, tokens.code_hash(entry.typed)) else ""
