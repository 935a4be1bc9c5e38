"""What goes on in the demo town besides buying: posters, visits and a guide, all by the other rooms' rules."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.accounts.queries import account_by_handle
from o2o.checkin import rules as checkin
from o2o.checkin.models import Poster
from o2o.demo.people import CALLS, GUIDE_ABOUT, GUIDE_STOPS, GUIDE_TITLES, POSTERS
from o2o.guides import rules as guides
from o2o.shops.models import Role, Shop

AGO = timedelta(minutes=6)
CONFIRMED_AFTER = timedelta(minutes=4)


def live(session: Session, *, now: datetime) -> None:
    """Hang posters, let people call, write a guide; each at its own time in the past."""
    codes: dict[str, str] = {}
    names = {name for name, _place in POSTERS} | {stop[0] for stop in GUIDE_STOPS}
    shops = {
        row.name: row.id for row in session.execute(select(Shop.id, Shop.name).where(Shop.name.in_(names)))
    }
    for name, place in POSTERS:
        poster = checkin.hang(session, shop_id=shops[name], label=place, now=now - timedelta(days=20))
        codes.setdefault(name, poster.code)
    for number, call in enumerate(CALLS):
        _call(session, number, codes[call.shop], shops[call.shop], now=now)
    texts = guides.Texts(*GUIDE_TITLES, *GUIDE_ABOUT)
    guide = guides.create(session, texts=texts)
    stops = [guides.Stop(shops[name], note, is_paid) for name, note, is_paid in GUIDE_STOPS]
    guides.set_entries(session, guide_id=guide.id, version=guide.version, entries=stops)
    guides.publish(session, guide_id=guide.id, version=guide.version)


def a_poster(session: Session) -> str | None:
    """Give the code of a poster to try."""
    hung = select(Poster.code).where(Poster.ended_at.is_(None)).order_by(Poster.id).limit(1)
    return session.scalar(hung)


def _call(session: Session, number: int, code: str, shop_id: int, *, now: datetime) -> None:
    call = CALLS[number]
    at = now - timedelta(days=call.days) - AGO
    visitor = account_by_handle(session, call.visitor)
    assert visitor is not None  # noqa: S101
    visit = checkin.arrive(
        session,
        code=code,
        account_id=visitor.id,
        key=f"demo-{number}",
        bucket="here",
        claimed_at=None,
        now=at,
    )
    if call.confirmed:
        workers = select(Role.account_id).where(Role.shop_id == shop_id, Role.ended_at.is_(None))
        staff_id = session.scalars(workers.order_by(Role.kind.desc(), Role.id).limit(1)).one()
        checkin.confirm(
            session, visit_id=visit.id, shop_id=shop_id, staff_id=staff_id, now=at + CONFIRMED_AFTER
        )
