"""Take a till's batch in: verify it, keep every entry once, settle the passes it is about, answer each."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from o2o.claims import verdicts
from o2o.claims.books import annul_of
from o2o.claims.desk import Desk, open_desk
from o2o.claims.effects import settle
from o2o.claims.entry import Line
from o2o.claims.models import Entry
from o2o.claims.reading import Read, read
from o2o.claims.verdicts import Fate, Verdict
from o2o.claims.weighing import claim_of, is_seen, refusal
from o2o.issuer import queries as issuer
from o2o.kernel import tokens
from o2o.kernel.db import begin_write
from o2o.kernel.errors import RuleBroken
from o2o.kernel.forms import UNSEEN
from o2o.kernel.words import N_
from o2o.redemption import rules as redemption
from o2o.redemption.models import Redemption
from o2o.refunds import rules as refunds
from o2o.tills import rules as tills
from o2o.tills.models import Till

log = logging.getLogger("o2o.claims")
MOST_ENTRIES = 200


def receive(
    session: Session,
    *,
    till: Till,
    account_id: int,
    entries: Sequence[Any],
    head: int,
    cursor: int,
    app: str,
    now: datetime,
) -> list[Verdict]:
    """Take a batch in and answer every entry in its place; the caller commits and delivers.

    All signatures are verified with no transaction open; then begin_write(), and in this order: the passes
    concerned are locked by their ids, the till, entries and claims are stored, each pass is folded anew (see
    effects.settle), the till is noted to have been heard. An entry that breaks something gets "retry" and undoes
    only its own pass. Nothing may be pending in the session. Raises RuleBroken till_waiting (409).
    """
    till_id, shop_id = till.id, till.shop_id
    till_key = tokens.point(bytes.fromhex(till.x), int(till.y, 16) & 1)
    issuer_keys, withdrawn_keys = issuer.verifying_keys(session), issuer.withdrawn_keys(session)
    session.rollback()
    if till_key is None:
        raise ValueError(f"till {till_id} has no key")
    found = read(
        entries,
        till_id=till_id,
        shop_id=shop_id,
        till_key=till_key,
        issuer_keys=issuer_keys,
        withdrawn_keys=withdrawn_keys,
    )
    begin_write(session)
    desk = open_desk(session, found, till_id=till_id, shop_id=shop_id, account_id=account_id, now=now)
    if desk.till.state == "waiting":
        raise RuleBroken("till_waiting", N_("The owner has not let this till in yet."))
    fates = _settle_all(desk, found)
    session.flush()
    whole, chain = _contiguous(session, desk.till)
    tills.hear(
        session,
        till_id=till_id,
        head=whole,
        said_head=head,
        chain=chain,
        cursor=cursor,
        app=app,
        now=now,
    )
    return verdicts.given(session, [fates[place] for place in range(len(found))])


def _settle_all(desk: Desk, found: Sequence[Read]) -> dict[int, Fate]:
    """Settle all passes at once; where that fails pass by pass, and then entry by entry: poison stands alone."""
    groups: dict[str, list[Read]] = {}
    for entry in sorted(found, key=lambda entry: entry.line.seq if entry.line else 0):
        groups.setdefault(desk.passes.get(entry.place, ""), []).append(entry)
    fates: dict[int, Fate] = {}
    if _guarded(desk, groups, fates):
        return fates
    for pass_id in sorted(groups):
        if _guarded(desk, {pass_id: groups[pass_id]}, fates):
            continue
        for entry in groups[pass_id]:
            if not _guarded(desk, {pass_id: [entry]}, fates):
                fates[entry.place] = Fate(entry.claim_id, "retry", "failed")
    return fates


def _guarded(desk: Desk, groups: dict[str, list[Read]], fates: dict[int, Fate]) -> bool:
    """Settle some passes in a savepoint; on a defect undo it, read their books again, and say no."""
    known = desk.remembered()
    try:
        with desk.session.begin_nested():
            _settle(desk, groups, fates)
    except OperationalError:
        # A lost connection or a deadlock is no poison: the whole call is refused, and comes again.
        raise
    except Exception:
        log.exception("a batch of till %s about %s passes", desk.till.id, len(groups))
        desk.recall(known, [pass_id for pass_id in groups if pass_id])
        return False
    return True


def _settle(desk: Desk, groups: dict[str, list[Read]], fates: dict[int, Fate]) -> None:
    """Store the entries, then fold each pass once; a till that asks is judged on what was folded before it."""
    waiting: list[tuple[str, Read]] = []
    due: list[str] = []
    for pass_id in sorted(groups):
        for number, entry in enumerate(groups[pass_id]):
            if is_seen(entry, desk.now):
                waiting += [(pass_id, later) for later in groups[pass_id][number:]]
                break
            fates[entry.place] = _take_in(desk, entry, pass_id)
            if fates[entry.place].verdict == "stored" and pass_id and pass_id not in due[-1:]:
                due.append(pass_id)
    _fold(desk, due)
    for pass_id, entry in waiting:
        fates[entry.place] = _take_in(desk, entry, pass_id)
        if fates[entry.place].verdict == "stored" and pass_id:
            _fold(desk, [pass_id])
    desk.session.flush()
    # Only now: what the fold said of them goes in with them.
    desk.session.add_all(desk.new)
    desk.session.flush()
    desk.new.clear()


def _fold(desk: Desk, pass_ids: Sequence[str]) -> None:
    settle(desk.session, folded=[desk.books[pass_id] for pass_id in pass_ids], now=desk.now)


def _take_in(desk: Desk, entry: Read, pass_id: str) -> Fate:
    """Keep one entry, unless it is here already or is not this till's own."""
    line = entry.line
    if line is None:
        return Fate(entry.claim_id, "rejected", entry.refusal)
    known = desk.by_id.get(line.claim_id)
    if known is not None:
        if known.till_id == desk.till.id and known.hash == line.hash:
            return Fate.again(known)
        return Fate(line.claim_id, "rejected", "claim_reused")
    if line.seq in desk.by_seq:
        return Fate(line.claim_id, "rejected", "seq_reused")
    why = refusal(desk, entry)
    row = _keep(desk, line, pass_id if line.act != "refuse" else "", why)
    if why:
        return Fate(line.claim_id, "rejected", why)
    if line.act == "redeem":
        _claim(desk, entry, line, pass_id)
    elif line.act == "annul":
        _undo(desk, row, line)
    return Fate(line.claim_id, "stored", "", line.act)


def _keep(desk: Desk, line: Line, pass_id: str, why: str) -> Entry:
    """Write an entry down as it was signed, and look at both ends of its link."""
    before, after = desk.by_seq.get(line.seq - 1), desk.by_seq.get(line.seq + 1)
    is_linked = line.prev == before.hash if before else line.seq > 1 or line.prev == ""
    if after is not None and after.prev != line.hash:
        after.is_linked = False
    named = pass_id or (line.pass_id if line.act == "refuse" and line.pass_id in desk.mentioned else "")
    row = Entry(
        claim_id=line.claim_id,
        till_id=desk.till.id,
        shop_id=desk.till.shop_id,
        seq=line.seq,
        # An account that is not there cannot be named; the entry itself says what the till wrote.
        staff_id=line.staff if line.staff in desk.people else desk.account_id,
        act=line.act,
        pass_id=named or None,
        status="rejected" if why else "stored",
        reason=why,
        prev=line.prev,
        hash=line.hash,
        is_linked=is_linked,
        raw=line.raw,
        at=line.corrected,
        received_at=desk.now,
    )
    desk.session.add(row)
    desk.by_id[line.claim_id] = desk.by_seq[line.seq] = row
    return row


def _claim(desk: Desk, entry: Read, line: Line, pass_id: str) -> None:
    claim = claim_of(desk, entry, line, pass_id)
    desk.new.append(claim)
    desk.books[pass_id].claims.append(claim)
    desk.targets[claim.id] = claim
    for stray in desk.strays.pop(claim.id, ()):
        stray.pass_id = pass_id
        desk.books[pass_id].annuls.append(annul_of(stray))


def _undo(desk: Desk, row: Entry, line: Line) -> None:
    """Let an annul stand against its claim, or wait for it; what the counter redeemed is undone by its own rule."""
    target = desk.targets.get(line.of)
    if target is None:
        desk.strays.setdefault(line.of, []).append(row)
    elif isinstance(target, Redemption):
        # A till writes down what it likes; what a person reads of it is plain text, and never nothing.
        reason = UNSEEN.sub("", line.note).strip() or "by the till"
        given = {"redemption_id": target.id, "staff_id": line.staff, "reason": reason, "late": True}
        redemption.annul(desk.session, shop_id=target.shop_id, now=line.corrected, **given)  # type: ignore[arg-type]
        refunds.adjust(desk.session, pass_id=target.pass_id, now=desk.now)
    else:
        row.pass_id = target.pass_id
        desk.books[target.pass_id].annuls.append(annul_of(row))


def _contiguous(session: Session, till: Till) -> tuple[int, str]:
    """Return the greatest seq up to which nothing is missing, and the hash of that entry."""
    head, chain = till.head, till.chain
    rows = select(Entry.seq, Entry.hash).where(Entry.till_id == till.id, Entry.seq > head).order_by(Entry.seq)
    for seq, found in session.execute(rows):
        if seq != head + 1:
            break
        head, chain = seq, found
    return head, chain
