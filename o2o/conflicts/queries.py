"""Reads of conflicts and strikes; getters that take a shop or an account are the permission."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, not_, or_, select
from sqlalchemy.orm import Session

from o2o.accounts.queries import Place, on_me
from o2o.claims.models import Claim
from o2o.conflicts import policy
from o2o.conflicts.models import Conflict, Cover, Strike
from o2o.conflicts.story import Moment, tell
from o2o.feed.models import Tiding
from o2o.kernel.clock import millis
from o2o.kernel.errors import NotAllowed
from o2o.kernel.words import N_
from o2o.offers.models import Terms
from o2o.passes.models import Pass
from o2o.redemption.models import Redemption
from o2o.redemption.rules import LATEST, UNDO
from o2o.shops import queries as shops
from o2o.shops.models import Role, Shop
from o2o.tills import queries as tills

PAGE = 20
SHOWS = ("all", "open", "settled")
_HELD = and_(Conflict.cause == "stale_proof", Conflict.bears == "nobody")
WAITS = and_(Conflict.state == "open", or_(Conflict.bears == "review", _HELD))


class Listed(NamedTuple):
    """A conflict with the title of its pass, the shop, and what the platform paid."""

    conflict: Conflict
    title: str
    shop: Shop
    covered: int | None


class Struck(NamedTuple):
    """A strike with its conflict, the title of the pass, the shop, and how many strikes its holder has in all."""

    strike: Strike
    conflict: Conflict
    title: str
    shop: Shop
    all_of_them: int


class Line(NamedTuple):
    """A use as the holder reads it; `standing` is won, held, lost or annulled, `name` the cause, untranslated."""

    at: datetime
    till: str
    standing: str
    name: str
    struck: bool


def of_shop(session: Session, *, shop_id: int, conflict_id: str) -> Conflict:
    """Return a shop's conflict; NotAllowed when it is missing, another shop's, a former owner's, or went away."""
    row = session.get(Conflict, conflict_id)
    if row is None or row.shop_id != shop_id or row.state == "gone":
        raise NotAllowed
    since = shops.kept_from(session, shop_id)
    if since is not None and session.get_one(Claim, row.claim_id).at <= since:
        raise NotAllowed
    return row


def one(session: Session, *, shop_id: int, conflict_id: str) -> Listed:
    """Return a shop's conflict with what stands beside it; NotAllowed as of_shop."""
    of_shop(session, shop_id=shop_id, conflict_id=conflict_id)
    return Listed(*session.execute(_listed().where(Conflict.id == conflict_id)).one())


def listed(session: Session, *, shop_id: int, show: str, number: int) -> tuple[list[Listed], bool]:
    """Return a page of a shop's conflicts but a former owner's, the newest first, and whether there is more.

    Pages count from 1.
    """
    rows = _listed().where(Conflict.shop_id == shop_id, Conflict.state != "gone")
    rows = rows.where(_own(shops.kept_from(session, shop_id)))
    if show != "all":
        rows = rows.where(Conflict.state == show)
    found, more = _page(session, rows.order_by(Conflict.opened_at.desc(), Conflict.id), number)
    return [Listed(*row) for row in found], more


def waiting(session: Session, *, number: int) -> tuple[list[Listed], bool]:
    """Return a page of the conflicts that a person must decide, the oldest first."""
    rows = _listed().where(WAITS).order_by(Conflict.opened_at, Conflict.id)
    found, more = _page(session, rows, number)
    return [Listed(*row) for row in found], more


def strikes(
    session: Session, *, number: int, account_id: int | None = None, only: int | None = None
) -> tuple[list[Struck], bool]:
    """Return a page of one account's strikes, the newest first; of all accounts, the disputed ones first.

    `only` is the number of the single one to return.
    """
    theirs = select(Strike.account_id, func.count().label("num")).where(Strike.state != "lifted")
    counted = theirs.group_by(Strike.account_id).subquery()
    rows = (
        select(Strike, Conflict, Terms.title, Shop, func.coalesce(counted.c.num, 0))
        .join(Conflict, Conflict.id == Strike.conflict_id)
        .join(Pass, Pass.id == Conflict.pass_id)
        .join(Terms, Terms.id == Pass.terms_id)
        .join(Shop, Shop.id == Conflict.shop_id)
        .outerjoin(counted, counted.c.account_id == Strike.account_id)
    )
    if account_id is None:
        rank = {"disputed": 0, "standing": 1, "upheld": 2}
        rows = rows.order_by(case(rank, value=Strike.state, else_=3))
    else:
        rows = rows.where(Strike.account_id == account_id)
    if only is not None:
        rows = rows.where(Strike.id == only)
    found, more = _page(session, rows.order_by(Strike.at.desc(), Strike.id.desc()), number)
    return [Struck(*row) for row in found], more


def counts(session: Session) -> tuple[int, int]:
    """Count what waits for the operator: strikes that are disputed, and uses to decide."""
    disputed = select(func.count()).select_from(Strike).where(Strike.state == "disputed").scalar_subquery()
    held = select(func.count()).select_from(Conflict).where(WAITS).scalar_subquery()
    row = session.execute(select(disputed, held)).one()
    return row[0], row[1]


def unseen(session: Session, shop_id: int) -> int:
    """Count a shop's conflicts that no owner has noted yet."""
    return session.scalar(unseen_in(shop_id, shops.kept_from(session, shop_id))) or 0


def unseen_in(shop_id: int, since: datetime | None) -> Select[int]:
    """Give the statement that counts a shop's conflicts that no owner has noted yet; `since` is shops.kept_from."""
    new = Conflict.shop_id == shop_id, Conflict.state != "gone", Conflict.seen_at.is_(None), _own(since)
    return select(func.count()).select_from(Conflict).where(*new)


def mark_of(row: Conflict) -> str:
    """Name the tiding after which every till has said what it knows of a conflict; new when it is reopened."""
    return f"{row.id}:{millis(row.opened_at)}"


def unmarked(session: Session, *, now: datetime) -> list[Conflict]:
    """List the open conflicts that no undo can change any more and that no mark was noted for."""
    rows = session.scalars(
        select(Conflict).where(Conflict.state == "open", Conflict.opened_at <= now - UNDO)
    ).all()
    marks = select(Tiding.subject).where(Tiding.kind == "mark", Tiding.subject.in_(map(mark_of, rows)))
    noted = set(session.scalars(marks)) if rows else set()
    return [row for row in rows if mark_of(row) not in noted]


def due(session: Session, *, now: datetime, conflict_id: str | None = None) -> list[Conflict]:
    """List the conflicts to settle: no undo, a final winner, and heard by every till or 72 hours old.

    By pass, so that passes are locked in order. What a person must decide is left out, but where it is asked for by
    its id.
    """
    winner = select(Redemption.id).where(
        Redemption.pass_id == Conflict.pass_id,
        Redemption.annulled_at.is_(None),
        Redemption.final_at.is_(None),
        or_(Redemption.claim_id == Conflict.against, Redemption.id == Conflict.against),
    )
    ripe = select(Conflict).where(
        Conflict.state == "open", Conflict.opened_at <= now - UNDO, not_(winner.exists())
    )
    ripe = ripe.where(not_(WAITS)) if conflict_id is None else ripe.where(Conflict.id == conflict_id)
    rows = session.scalars(ripe.order_by(Conflict.pass_id, Conflict.id)).all()
    marks = defaultdict(list)
    for row in rows:
        marks[row.shop_id].append(mark_of(row))
    heard = {
        shop_id: tills.heard_marks(session, shop_id=shop_id, marks=names) for shop_id, names in marks.items()
    }
    return [row for row in rows if row.opened_at <= now - LATEST or mark_of(row) in heard[row.shop_id]]


def may_be_covered(session: Session, *, shop_id: int, account_id: int, now: datetime) -> bool:
    """Tell whether the platform may pay a shop for a holder: none of its own people, and not too often of late."""
    worked = select(Role.id).where(Role.shop_id == shop_id, Role.account_id == account_id)
    if session.scalar(worked.limit(1)) is not None:
        return False
    paid = select(func.count()).select_from(Cover).join(Conflict, Conflict.id == Cover.conflict_id)
    lately = Cover.at > now - timedelta(days=policy.COVER_DAYS)
    return (session.scalar(paid.where(Conflict.shop_id == shop_id, lately)) or 0) < policy.COVERS_PER_SHOP


def for_pass(session: Session, pass_id: str) -> list[Line]:
    """List where a pass was taken, for its holder, the earliest first.

    Empty while only the counter's own page took it. Repeated scans of one showing are left out.
    """
    moments = tell(session, [pass_id], names=False).get(pass_id, [])
    if not any(one.till for one in moments):
        return []
    return [_line(one) for one in moments if one.standing != "collapsed"]


def _line(one: Moment) -> Line:
    name = policy.rule_of(one.cause).name if one.standing == "lost" and one.cause else ""
    at = one.shown_at or one.at
    return Line(at=at, till=one.till, standing=one.standing, name=name, struck=one.cause == "presented_twice")


@on_me
def strikes_line(session: Session, account_id: int, locale: str) -> list[Place]:
    """Give /me the way to one's strikes once there are any."""
    first = session.scalar(select(Strike.id).where(Strike.account_id == account_id).limit(1))
    return [] if first is None else [Place("/me/strikes", "flag", N_("My strikes"))]


def _own(since: datetime | None) -> ColumnElement[bool]:
    """Say which conflicts are about uses that were taken after `since`, however late a till told of them."""
    taken = select(Claim.at).where(Claim.id == Conflict.claim_id).scalar_subquery()
    return shops.own(taken, since)


def _listed() -> Any:
    rows = select(Conflict, Terms.title, Shop, Cover.amount).join(Pass, Pass.id == Conflict.pass_id)
    rows = rows.join(Terms, Terms.id == Pass.terms_id).join(Shop, Shop.id == Conflict.shop_id)
    return rows.outerjoin(Cover, Cover.conflict_id == Conflict.id)


def _page(session: Session, rows: Any, number: int) -> tuple[list[Any], bool]:
    found = session.execute(rows.offset((number - 1) * PAGE).limit(PAGE + 1)).all()
    return list(found[:PAGE]), len(found) > PAGE
