"""Read a shop's guests, and what shops know of one person; the shop or the account is the caller's permission."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from unicodedata import normalize

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from o2o.accounts.queries import Place, on_me
from o2o.checkin.models import Visit
from o2o.guests import events
from o2o.guests.models import Guest, GuestNote, Look
from o2o.kernel.errors import NotAllowed
from o2o.kernel.words import N_
from o2o.offers.models import Terms
from o2o.passes.models import Pass
from o2o.redemption.models import Redemption
from o2o.refunds.models import Refund
from o2o.shops import queries as shops
from o2o.shops.models import Role, Shop

PAGE = 50
ROWS = 100
LOOKS = 100
# A text that fits more guests than this is no name.
MOST_CALLED = 2000
STRIDE = 2000
SORTS = ("last", "visits", "uses", "spent")


class Met(NamedTuple):
    """A guest with how often they came and what the shop got; money in minor units."""

    guest: Guest
    visits: int
    uses: int
    spent: int


class Known(NamedTuple):
    """A shop that knows somebody, and what it noted."""

    shop: Shop
    met: Met
    notes: list[GuestNote]


class Seen(NamedTuple):
    """A look at a guest: by which role of which shop, "" for somebody who holds none."""

    look: Look
    shop: Shop
    role: str


def _counted(*, since: datetime | None = None, **narrow: int) -> tuple[Any, dict[str, Any]]:
    """Select the guests of a shop, or of an account, with their counts since then, and the columns to sort by."""
    uses = events.counted_uses(since=since, **narrow).subquery()
    visits = events.counted_visits(since=since, **narrow).subquery()
    columns = {
        "last": Guest.last_at,
        "visits": func.coalesce(visits.c.number, 0),
        "uses": func.coalesce(uses.c.number, 0),
        "spent": func.coalesce(uses.c.spent, 0),
    }
    rows: Any = select(Guest, columns["visits"], columns["uses"], columns["spent"])
    rows = rows.where(*(getattr(Guest, name) == value for name, value in narrow.items()))
    for table in (uses, visits):
        same = (table.c.shop_id == Guest.shop_id) & (table.c.account_id == Guest.account_id)
        rows = rows.outerjoin(table, same)
    return rows, columns


def of_shop(
    session: Session,
    shop_id: int,
    *,
    sort: str = "last",
    among: list[int] | None = None,
    number: int = 1,
    since: datetime | None = None,
) -> tuple[list[Met], bool]:
    """List a page of PAGE guests of a shop, or of those `among` them, greatest first, and whether there is more.

    Of those who came after `since` alone, and what they did then: a desk gives its own (Desk.since), here and below,
    for a former owner's guests are not the next one's.
    """
    rows, columns = _counted(shop_id=shop_id, since=since)
    rows = rows.where(shops.own(Guest.last_at, since))
    if among is not None:
        rows = rows.where(Guest.id.in_(among))
    rows = rows.order_by(columns[sort].desc(), Guest.id.desc()).offset((number - 1) * PAGE).limit(PAGE + 1)
    found = [_met(row) for row in session.execute(rows)]
    return found[:PAGE], len(found) > PAGE


def called(
    session: Session, shop_id: int, text: str, *, locale: str = "zh", since: datetime | None = None
) -> tuple[list[int], bool]:
    """Find the guests whose alias holds a text, the latest MOST_CALLED of them, and whether there are more.

    An alias is a keyed hash: it stands in no column and nobody can go back from it, so every guest of the shop is
    named to compare. They come in strides of two numbers each, 20,000 in a fifth of a second.
    """
    latest = select(Guest.id, Guest.account_id).where(*_mine(shop_id, since))
    latest = latest.order_by(Guest.last_at.desc(), Guest.id.desc())
    wanted, found = _bare(text), []
    with session.execute(latest, execution_options={"yield_per": STRIDE}) as rows:
        for guest_id, account_id in rows:
            if wanted in _bare(shops.guest_alias(account_id, shop_id, locale)):
                found.append(guest_id)
            if len(found) > MOST_CALLED:
                break
    return found[:MOST_CALLED], len(found) > MOST_CALLED


def _bare(text: str) -> str:
    """Spell a name as it is compared: without spaces and capitals, full-width signs as ordinary ones."""
    return "".join(normalize("NFKC", text).casefold().split())


def agreed(session: Session, shop_id: int, since: datetime | None = None) -> list[Guest]:
    """List the guests who want to stay in touch with a shop."""
    rows = select(Guest).where(*_mine(shop_id, since), Guest.agreed_at.is_not(None))
    return list(session.scalars(rows.order_by(Guest.id)))


def known_to(session: Session, shop_id: int, since: datetime | None = None) -> list[int]:
    """List the accounts of a shop's guests."""
    return list(session.scalars(select(Guest.account_id).where(*_mine(shop_id, since))))


def firsts(session: Session, shop_id: int, since: datetime | None) -> dict[int, datetime]:
    """Say when each guest of a shop first came after `since`, by account."""
    return {row[0]: row[1] for row in session.execute(events.firsts(shop_id, since))}


def first_at(session: Session, guest: Guest, since: datetime | None) -> datetime:
    """Say when a guest first came after `since`."""
    if since is None or guest.first_at > since:
        return guest.first_at
    return firsts(session, guest.shop_id, since).get(guest.account_id, guest.last_at)


def count(session: Session, shop_id: int, since: datetime | None = None) -> int:
    """Count a shop's guests."""
    return session.scalar(select(func.count()).where(*_mine(shop_id, since))) or 0


def shop_guest(
    session: Session, *, shop_id: int, key: str, since: datetime | None = None, lock: bool = False
) -> Guest:
    """Return a guest by the shop's own key; NotAllowed when it is missing, another shop's or a former owner's."""
    wanted = select(Guest).where(*_mine(shop_id, since), Guest.key == key)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    guest = session.scalars(wanted).one_or_none()
    if guest is None:
        raise NotAllowed
    return guest


def met(session: Session, guest: Guest, since: datetime | None = None) -> Met:
    """Return a guest's counts, of what was after `since`."""
    rows, _columns = _counted(shop_id=guest.shop_id, account_id=guest.account_id, since=since)
    return _met(session.execute(rows).one())


def visits(session: Session, guest: Guest, since: datetime | None = None) -> list[Visit]:
    """List a guest's latest confirmed visits."""
    rows = select(Visit).where(Visit.shop_id == guest.shop_id, Visit.account_id == guest.account_id)
    rows = rows.where(Visit.confirmed_at.is_not(None), shops.own(Visit.at, since))
    rows = rows.order_by(Visit.at.desc(), Visit.id).limit(ROWS)
    return list(session.scalars(rows))


def uses(session: Session, guest: Guest, since: datetime | None = None) -> list[tuple[Redemption, str]]:
    """List a guest's latest uses with their offers' titles, undone ones too."""
    rows = select(Redemption, Terms.title).join(Pass, Pass.id == Redemption.pass_id)
    rows = rows.join(Terms, Terms.id == Pass.terms_id)
    rows = rows.where(Redemption.shop_id == guest.shop_id, Pass.account_id == guest.account_id)
    rows = rows.where(shops.own(Redemption.at, since))
    rows = rows.order_by(Redemption.at.desc(), Redemption.id).limit(ROWS)
    return [(row[0], row[1]) for row in session.execute(rows)]


def refunds(session: Session, guest: Guest, since: datetime | None = None) -> list[tuple[Refund, str]]:
    """List the latest refunds of a guest's passes of this shop, with their offers' titles."""
    rows = select(Refund, Terms.title).join(Pass, Pass.id == Refund.pass_id)
    rows = rows.join(Terms, Terms.id == Pass.terms_id)
    rows = rows.where(Pass.shop_id == guest.shop_id, Pass.account_id == guest.account_id)
    rows = rows.where(shops.own(Pass.issued_at, since))
    rows = rows.where(Refund.state != "withdrawn").order_by(Refund.requested_at.desc(), Refund.id).limit(ROWS)
    return [(row[0], row[1]) for row in session.execute(rows)]


def notes(session: Session, guest_ids: Iterable[int]) -> dict[int, list[GuestNote]]:
    """Return what was noted of these guests, the latest first."""
    found: dict[int, list[GuestNote]] = {guest_id: [] for guest_id in guest_ids}
    rows = select(GuestNote).where(GuestNote.guest_id.in_(found)).order_by(GuestNote.id.desc())
    for note in session.scalars(rows) if found else ():
        found[note.guest_id].append(note)
    return found


def knowing(session: Session, account_id: int, *, number: int = 1) -> tuple[list[Known], bool]:
    """List a page of the shops that know somebody, the latest first, and whether there is more."""
    rows, _columns = _counted(account_id=account_id)
    rows = rows.add_columns(Shop).join(Shop, Shop.id == Guest.shop_id)
    rows = rows.order_by(Guest.last_at.desc(), Guest.id.desc()).offset((number - 1) * PAGE).limit(PAGE + 1)
    found = session.execute(rows).all()
    written = notes(session, [row[0].id for row in found[:PAGE]])
    known = [Known(row[4], _met(row), written[row[0].id]) for row in found[:PAGE]]
    return known, len(found) > PAGE


def looks(session: Session, account_id: int, *, most: int = LOOKS) -> list[Seen]:
    """List who looked at what shops keep of somebody, the latest first; which role they hold there, not who."""
    held = select(Role.kind).where(Role.shop_id == Look.shop_id, Role.account_id == Look.staff_id)
    role = held.order_by(Role.id.desc()).limit(1).scalar_subquery()
    rows = select(Look, Shop, role).join(Shop, Shop.id == Look.shop_id).where(Look.account_id == account_id)
    rows = rows.order_by(Look.at.desc(), Look.id.desc()).limit(most)
    return [Seen(row[0], row[1], row[2] or "") for row in session.execute(rows)]


def _mine(shop_id: int, since: datetime | None) -> tuple[ColumnElement[bool], ...]:
    return Guest.shop_id == shop_id, shops.own(Guest.last_at, since)


def _met(row: Any) -> Met:
    return Met(row[0], row[1], row[2], int(row[3]))


@on_me
def places(session: Session, account_id: int, locale: str) -> list[Place]:
    """Give /me the ways to the shops that know one, and to who looked."""
    return [
        Place("/me/shops", "store", N_("Shops that know you"), N_("What they noted, and staying in touch")),
        Place(
            "/me/looks",
            "scan",
            N_("Who looked at what is yours"),
            N_("Scans of your passes, and looks at your card"),
        ),
    ]
