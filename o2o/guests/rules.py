"""Who is a shop's guest, what it notes of them, who looked, and what the guest allows or wants forgotten."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from o2o.accounts.models import Account
from o2o.guests import events, queries
from o2o.guests.models import Guest, GuestNote, Look
from o2o.kernel.db import insert_ignore, new_id
from o2o.kernel.errors import BadInput, NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.shops import queries as shops

LONGEST_NOTE = 500
LONGEST_CONTACT = 120
MOST_NOTES = 50
# A list names fifty at once and is turned often: it is one look an hour at each of them.
LIST_ONCE_IN = timedelta(hours=1)
WHATS = ("list", "card", "export")
TOO_LONG = N_("Keep this within %(max)d characters.")
BATCH = 500


def reckon(session: Session, *, shop_id: int, account_id: int) -> Guest | None:
    """Bring a guest up to date with what counts: uses that stand and confirmed visits; without any there is no guest.

    Locks the guest's row before it counts, so that whoever comes last has seen everything. Notes go with the guest.
    Erased people are nobody's guests.
    """
    account = session.get(Account, account_id)
    if account is None or account.erased_at is not None:
        return None
    span = events.span(shop_id=shop_id, account_id=account_id)
    guest = _locked(session, shop_id=shop_id, account_id=account_id)
    if guest is None:
        first, last = session.execute(span).one()
        if first is None:
            return None
        new = {"shop_id": shop_id, "account_id": account_id, "first_at": first, "last_at": last}
        is_ours = _add(session, [new])
        guest = _locked(session, shop_id=shop_id, account_id=account_id)
        if is_ours or guest is None:
            return guest
    guest_first, guest_last = session.execute(span).one()
    if guest_first is None:
        session.execute(delete(GuestNote).where(GuestNote.guest_id == guest.id))
        session.delete(guest)
        session.flush()
        return None
    guest.first_at, guest.last_at = guest_first, guest_last
    session.flush()
    return guest


def reckon_all(session: Session) -> int:
    """Make the guests that are missing for what happened before there were any; return how many."""
    spans = events.spans().subquery()
    known = exists().where(Guest.shop_id == spans.c.shop_id, Guest.account_id == spans.c.account_id)
    there = select(spans).join(Account, Account.id == spans.c.account_id).where(Account.erased_at.is_(None))
    rows = [dict(row._mapping) for row in session.execute(there.where(~known))]
    return sum(_add(session, rows[start : start + BATCH]) for start in range(0, len(rows), BATCH))


def _add(session: Session, rows: list[dict[str, Any]]) -> int:
    given = [{**row, "key": new_id(), "contact": "", "agreed_at": None} for row in rows]
    return insert_ignore(session, Guest.__table__, given) if given else 0  # type: ignore[arg-type]


def _locked(session: Session, *, shop_id: int, account_id: int) -> Guest | None:
    mine = select(Guest).where(Guest.shop_id == shop_id, Guest.account_id == account_id)
    return session.scalars(mine.with_for_update().execution_options(populate_existing=True)).one_or_none()


def look(
    session: Session, *, shop_id: int, staff_id: int, account_ids: Iterable[int], what: str, now: datetime
) -> int:
    """Write down that somebody of the shop saw what it keeps of these guests; `what` is list, card or export.

    A list is one look per guest and person in LIST_ONCE_IN, everything else one each time. Returns how many.
    """
    if what not in WHATS:
        raise ValueError(what)
    wanted = list(dict.fromkeys(account_ids))
    if what == "list" and wanted:
        lately = (Look.shop_id == shop_id, Look.staff_id == staff_id, Look.what == what)
        seen = select(Look.account_id).where(
            *lately, Look.at > now - LIST_ONCE_IN, Look.account_id.in_(wanted)
        )
        known = set(session.scalars(seen))
        wanted = [account_id for account_id in wanted if account_id not in known]
    session.add_all(
        Look(shop_id=shop_id, account_id=account_id, staff_id=staff_id, what=what, at=now)
        for account_id in wanted
    )
    session.flush()
    return len(wanted)


def add_note(
    session: Session, *, shop_id: int, key: str, staff_id: int, text: str, now: datetime
) -> GuestNote:
    """Note something about a guest, who can read it; BadInput (422) when it is empty or long, RuleBroken many_notes."""
    guest = _shops(session, shop_id, key)
    said = text.strip()
    if not said:
        raise BadInput("empty", N_("Write something first."), status=422, field="text")
    if len(said) > LONGEST_NOTE:
        raise BadInput("too_long", TOO_LONG, status=422, field="text", max=LONGEST_NOTE)
    if (session.scalar(select(func.count()).where(GuestNote.guest_id == guest.id)) or 0) >= MOST_NOTES:
        raise RuleBroken(
            "many_notes", N_("That is enough about one guest. Delete an old note first."), field="text"
        )
    note = GuestNote(guest_id=guest.id, staff_id=staff_id, text=said, at=now)
    session.add(note)
    session.flush()
    return note


def drop_note(session: Session, *, shop_id: int, key: str, note_id: int) -> None:
    """Delete a note of the shop's about a guest; pressed again, or with a note about somebody else, nothing changes."""
    guest = _shops(session, shop_id, key)
    _drop(session, guest, note_id)


def drop_own_note(session: Session, *, account_id: int, shop_id: int, note_id: int) -> None:
    """Delete a note about oneself; pressed again, or with a note about somebody else, nothing changes."""
    _drop(session, _own(session, account_id=account_id, shop_id=shop_id), note_id)


def agree(session: Session, *, account_id: int, shop_id: int, contact: str, now: datetime) -> None:
    """Stay in touch with a shop that knows one, by a contact or without; BadInput (422) for one that is too long."""
    guest = _own(session, account_id=account_id, shop_id=shop_id)
    if len(contact.strip()) > LONGEST_CONTACT:
        raise BadInput("too_long", TOO_LONG, status=422, field="contact", max=LONGEST_CONTACT)
    guest.agreed_at = guest.agreed_at or now
    guest.contact = contact.strip()
    session.flush()


def withdraw(session: Session, *, account_id: int, shop_id: int) -> None:
    """Be in touch no more: the shop loses the contact at once. Twice is once."""
    guest = _own(session, account_id=account_id, shop_id=shop_id)
    guest.agreed_at, guest.contact = None, ""
    session.flush()


def forget(session: Session, *, account_id: int, shop_id: int) -> None:
    """Have a shop forget what it wrote down and may use: all notes, the contact, the agreement. Money rows stay."""
    withdraw(session, account_id=account_id, shop_id=shop_id)
    guest = _own(session, account_id=account_id, shop_id=shop_id)
    session.execute(delete(GuestNote).where(GuestNote.guest_id == guest.id))


def part(session: Session, *, shop_id: int) -> None:
    """Have a shop that closes forget what it wrote down of its guests and may use, as each of them can ask for."""
    ours = select(Guest.id).where(Guest.shop_id == shop_id)
    session.execute(delete(GuestNote).where(GuestNote.guest_id.in_(ours)))
    session.execute(update(Guest).where(Guest.shop_id == shop_id).values(agreed_at=None, contact=""))


def _shops(session: Session, shop_id: int, key: str) -> Guest:
    since = shops.kept_from(session, shop_id)
    return queries.shop_guest(session, shop_id=shop_id, key=key, since=since, lock=True)


def _own(session: Session, *, account_id: int, shop_id: int) -> Guest:
    guest = _locked(session, shop_id=shop_id, account_id=account_id)
    if guest is None:
        raise NotAllowed
    return guest


def _drop(session: Session, guest: Guest, note_id: int) -> None:
    note = session.get(GuestNote, note_id)
    if note is not None and note.guest_id == guest.id:
        session.delete(note)
        session.flush()
