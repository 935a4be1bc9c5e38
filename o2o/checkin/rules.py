"""Verbs of arrival: hang a poster, rotate it, end it, arrive, confirm."""

from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from o2o.accounts.models import Account
from o2o.checkin import codes, queries
from o2o.checkin.models import BUCKETS, LastVisit, Poster, PosterDay, Visit
from o2o.kernel import actor, journal
from o2o.kernel.db import new_id
from o2o.kernel.errors import BadInput, NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.notifications.rules import tell
from o2o.shops import queries as shops

# One visit per shop and person in so long; the till lists arrivals for as long.
APART = timedelta(hours=4)
# Staff confirm who stands before them: the same day's arrival, not last week's.
CONFIRMABLE = timedelta(hours=12)
# What a phone that was offline says of its clock is kept only within these bounds.
CLAIM_AGE = timedelta(days=7)
# A first visit brought a new guest when its account is not older than this.
NEW_GUEST = timedelta(hours=1)
KEY_LENGTH = 64
LABEL_LENGTH = 40


def hang(session: Session, *, shop_id: int, label: str, now: datetime) -> Poster:
    """Make a poster for a place of the shop; BadInput "bad_label" unless it is named in 1 to 40 characters."""
    label = label.strip()
    if not 1 <= len(label) <= LABEL_LENGTH:
        raise BadInput("bad_label", N_("Say in 1 to 40 characters where it hangs."), status=422)
    shops.shop(session, shop_id, behind=True)
    poster = Poster(shop_id=shop_id, code=codes.new_code(), label=label, created_at=now)
    poster.created_by = actor.current().label
    session.add(poster)
    session.flush()
    return poster


def rotate(session: Session, *, shop_id: int, poster_id: int, now: datetime) -> Poster | None:
    """End a poster's code and give its place a new one; None when it had ended before, and nothing changes."""
    label = queries.shop_poster(session, shop_id=shop_id, poster_id=poster_id).label
    if not end(session, shop_id=shop_id, poster_id=poster_id, now=now):
        return None
    return hang(session, shop_id=shop_id, label=label, now=now)


def end(session: Session, *, shop_id: int, poster_id: int, now: datetime) -> bool:
    """End a poster's code: from this commit on it checks nobody in. Tell whether it had not ended before."""
    ending = update(Poster).where(Poster.id == poster_id, Poster.shop_id == shop_id)
    ended = session.execute(ending.where(Poster.ended_at.is_(None)).values(ended_at=now))
    return bool(ended.rowcount)  # type: ignore[attr-defined]


def note_opened(session: Session, *, poster_id: int, day: date) -> None:
    """Count one opening of a poster's address on a day of the town."""
    row = _insert(session)(PosterDay).values(poster_id=poster_id, day=day, opened=1)
    counted = {"opened": PosterDay.opened + 1}
    session.execute(row.on_conflict_do_update(index_elements=["poster_id", "day"], set_=counted))


def arrive(
    session: Session,
    *,
    code: str,
    account_id: int,
    key: str,
    bucket: str,
    claimed_at: datetime | None,
    now: datetime,
) -> Visit:
    """Check a person in: one visit per shop in four hours, whatever is pressed.

    The same `key`, or a visit here within APART, is answered with that visit. `now` is the visit's time; `claimed_at`
    is kept within CLAIM_AGE before it and decides nothing; an unknown `bucket` counts as "none". Raises NotAllowed for
    a code that never was, RuleBroken "poster_gone" (410) for one that has ended. Fact visit.made for a new visit.
    """
    if not 1 <= len(key) <= KEY_LENGTH:
        raise BadInput("bad_key", N_("This form is damaged. Please reload the page and try again."))
    again = queries.visit_by_key(session, account_id=account_id, key=key)
    if again is not None:
        return again
    poster = queries.live_poster(session, code, lock=True)
    visit = Visit(id=new_id(), shop_id=poster.shop_id, account_id=account_id, poster_id=poster.id, key=key)
    visit.is_first = _is_first(session, account_id, now)
    if not _take_turn(session, visit, now):
        return queries.last_visit(session, account_id=account_id, shop_id=poster.shop_id)
    visit.bucket = bucket if bucket in BUCKETS else "none"
    visit.at = now
    visit.claimed_at = claimed_at if claimed_at and now - CLAIM_AGE <= claimed_at <= now else None
    session.add(visit)
    session.flush()
    journal.record(session, "visit.made", visit_id=visit.id, shop_id=visit.shop_id)
    return visit


def confirm(session: Session, *, visit_id: str, shop_id: int, staff_id: int, now: datetime) -> Visit:
    """Confirm an arrival at the till; again changes nothing. Fact visit.confirmed, and a line in the guest's inbox.

    Raises NotAllowed for a visit of another shop and for somebody who does not work here, RuleBroken "staff_visit" for
    a visit by one who does, their own included, and "too_late" after CONFIRMABLE.
    """
    visit = session.get(Visit, visit_id, populate_existing=True)
    if visit is None or visit.shop_id != shop_id or not shops.works_at(session, staff_id, shop_id):
        raise NotAllowed
    if visit.account_id == staff_id or queries.is_staff_visit(session, visit):
        raise RuleBroken("staff_visit", N_("Visits of people who work here are never confirmed."))
    if visit.confirmed_at is not None:
        return visit
    if now - visit.at > CONFIRMABLE:
        raise RuleBroken("too_late", N_("This arrival is too long ago to be confirmed."))
    confirming = update(Visit).where(Visit.id == visit_id, Visit.confirmed_at.is_(None))
    done = session.execute(confirming.values(confirmed_at=now, confirmed_by=staff_id))
    session.refresh(visit)
    if done.rowcount:  # type: ignore[attr-defined]
        ids = {"visit_id": visit.id, "shop_id": shop_id, "account_id": visit.account_id}
        journal.record(session, "visit.confirmed", **ids)
        _tell(session, visit)
    return visit


def _insert(session: Session):  # type: ignore[no-untyped-def]
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert


def _take_turn(session: Session, visit: Visit, now: datetime) -> bool:
    """Take this person's turn at this shop: the one statement that decides whether a visit is new.

    A racer on PostgreSQL waits at the row for the first one's commit and then fails the condition.
    """
    ids = {"account_id": visit.account_id, "shop_id": visit.shop_id}
    row = _insert(session)(LastVisit).values(**ids, visit_id=visit.id, at=now)
    taken = row.on_conflict_do_update(
        index_elements=["account_id", "shop_id"],
        set_={"visit_id": row.excluded.visit_id, "at": row.excluded.at},
        where=LastVisit.at <= now - APART,
    ).returning(LastVisit.visit_id)
    return session.execute(taken).first() is not None


def _is_first(session: Session, account_id: int, now: datetime) -> bool:
    made_at = session.scalar(select(Account.created_at).where(Account.id == account_id))
    if made_at is None or now - made_at > NEW_GUEST:
        return False
    return session.scalar(select(Visit.id).where(Visit.account_id == account_id).limit(1)) is None


def _tell(session: Session, visit: Visit) -> None:
    if session.scalar(select(Account.erased_at).where(Account.id == visit.account_id)):
        return
    shop = shops.shop(session, visit.shop_id, behind=True)
    tell(
        session,
        account_id=visit.account_id,
        key=f"visit:{visit.id}",
        kind="visit.confirmed",
        link=f"/visits/{visit.id}",
        shop=shop.name,
        shop_zh=shop.name_zh,
        shop_en=shop.name_en,
    )
