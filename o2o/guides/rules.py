"""What happens to guides: written, filled with shops in an order, published, taken back."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from o2o.guides import queries
from o2o.guides.models import GUIDE_STATES, Entry, Guide
from o2o.kernel import actor, clock, journal
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.shops.models import VISIBLE, Shop

MOST = 50  # shops in one guide: more is a search, and its page would be too heavy
LONGEST_NOTE = 300


class Texts(NamedTuple):
    """What a guide says of itself."""

    title_zh: str
    title_en: str
    about_zh: str = ""
    about_en: str = ""


class Stop(NamedTuple):
    """A shop in a guide: the operator's line about it, and whether somebody paid for the place."""

    shop_id: int
    note: str = ""
    is_paid: bool = False


def create(session: Session, *, texts: Texts) -> Guide:
    """Start a draft."""
    now = clock.now()
    guide = Guide(state="draft", version=1, created_at=now, updated_at=now, created_by=actor.current().label)
    _say(guide, texts)
    session.add(guide)
    session.flush()
    journal.record(session, "guide.changed", guide_id=guide.id)
    return guide


def edit(session: Session, *, guide_id: int, version: int, texts: Texts) -> Guide:
    """Change a guide's texts; RuleBroken edited (409) when somebody changed it since `version`."""
    guide = _seen(session, guide_id, version)
    _say(guide, texts)
    return _touch(session, guide)


def publish(session: Session, *, guide_id: int, version: int) -> Guide:
    """Show a guide to everybody; RuleBroken empty for one without a shop that is there."""
    guide = _seen(session, guide_id, version)
    if not queries.stops(session, guide_id):
        raise RuleBroken("empty", N_("Add at least one shop before you publish this guide."), status=422)
    return _move(session, guide, "public")


def unpublish(session: Session, *, guide_id: int, version: int) -> Guide:
    """Make a guide a draft again; its address is 404 for everybody else."""
    return _move(session, _seen(session, guide_id, version), "draft")


def set_entries(session: Session, *, guide_id: int, version: int, entries: Sequence[Stop]) -> Guide:
    """Write a guide's shops in this order; RuleBroken for one twice or for too many, NotAllowed for one that is gone.

    A public guide keeps at least one shop (RuleBroken last).
    """
    guide = _seen(session, guide_id, version)
    ids = [stop.shop_id for stop in entries]
    if len(set(ids)) < len(ids):
        raise RuleBroken("twice", N_("This shop is in the guide already."), status=422)
    if len(ids) > MOST:
        raise RuleBroken("full", N_("A guide holds at most %(most)s shops."), status=422, most=MOST)
    known = set(session.scalars(select(Shop.id).where(Shop.id.in_(ids), Shop.status.in_(VISIBLE))))
    if set(ids) - known:
        raise NotAllowed
    if not ids and guide.state == "public":
        sentence = N_("This was the last shop. Make the guide a draft first.")
        raise RuleBroken("last", sentence, status=422)
    session.execute(delete(Entry).where(Entry.guide_id == guide_id))
    for number, stop in enumerate(entries, 1):
        row = Entry(guide_id=guide_id, shop_id=stop.shop_id, number=number)
        row.note, row.is_paid = stop.note.strip()[:LONGEST_NOTE], stop.is_paid
        session.add(row)
    return _touch(session, guide)


def add_shop(session: Session, *, guide_id: int, version: int, shop_id: int) -> Guide:
    """Put a shop at a guide's end."""
    entries = [*entries_of(session, guide_id=guide_id), Stop(shop_id)]
    return set_entries(session, guide_id=guide_id, version=version, entries=entries)


def change_stop(session: Session, *, guide_id: int, version: int, stop: Stop, by: int = 0) -> Guide:
    """Write what a guide says of one of its shops and move it `by` places (-1 is up); NotAllowed if not there."""
    entries = entries_of(session, guide_id=guide_id)
    here = _place(entries, stop.shop_id)
    del entries[here]
    entries.insert(max(0, here + by), stop)
    return set_entries(session, guide_id=guide_id, version=version, entries=entries)


def remove_shop(session: Session, *, guide_id: int, version: int, shop_id: int) -> Guide:
    """Take a shop out of a guide; NotAllowed if it is not there."""
    entries = entries_of(session, guide_id=guide_id)
    del entries[_place(entries, shop_id)]
    return set_entries(session, guide_id=guide_id, version=version, entries=entries)


def entries_of(session: Session, *, guide_id: int) -> list[Stop]:
    """List a guide's shops that are there; those that are gone fall out with the next change."""
    return [Stop(place.shop.id, place.note, place.is_paid) for place in queries.stops(session, guide_id)]


def _place(entries: Sequence[Stop], shop_id: int) -> int:
    for number, stop in enumerate(entries):
        if stop.shop_id == shop_id:
            return number
    raise NotAllowed


def _seen(session: Session, guide_id: int, version: int) -> Guide:
    """Return the guide, locked, if it is still the one that the editor saw."""
    guide = queries.guide(session, guide_id, lock=True)
    if guide.version != version:
        sentence = N_("Somebody else changed this guide meanwhile. Look at it again, then save.")
        raise RuleBroken("edited", sentence)
    return guide


def _say(guide: Guide, texts: Texts) -> None:
    for name, text in texts._asdict().items():
        setattr(guide, name, text.strip())
    if not (guide.title_zh and guide.title_en):
        raise RuleBroken("untitled", N_("Give the guide a title in both languages."), status=422)


def _move(session: Session, guide: Guide, state: str) -> Guide:
    if guide.state == state:
        return guide
    if state not in GUIDE_STATES[guide.state]:
        raise ValueError(state)
    guide.state = state
    return _touch(session, guide)


def _touch(session: Session, guide: Guide) -> Guide:
    guide.version += 1
    guide.updated_at = clock.now()
    session.flush()
    journal.record(session, "guide.changed", guide_id=guide.id)
    return guide
