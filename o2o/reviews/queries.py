"""What counts, whose proof it is, and what people read of reviews; getters that take an account are the permission."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, and_, exists, func, not_, or_, select, type_coerce
from sqlalchemy.orm import Session

from o2o.accounts.queries import Place, on_me
from o2o.checkin.models import Visit
from o2o.discovery.rules import mean
from o2o.kernel import clock
from o2o.kernel.errors import NotAllowed
from o2o.kernel.words import N_
from o2o.offers.models import Offer, Terms
from o2o.orders.models import OrderPass
from o2o.passes.models import Pass
from o2o.photos.models import Photo
from o2o.photos.queries import shows
from o2o.redemption.models import Redemption
from o2o.refunds.models import Refund
from o2o.reviews.models import Answer, Line, Reply, Review, ReviewPhoto
from o2o.reviews.proofs import OWED_FOR, ROLE_SHADOW, Proof, Rows, owed, proof, works_there
from o2o.shops import queries as shops
from o2o.shops.models import Role, Shop

__all__ = [
    "ANSWER_COUNTED", "COUNTED", "EDIT_FOR", "OWED_FOR", "PAGE", "Proof", "Said", "answer_of", "apart", "complaints",
    "honesty", "lines", "mine", "one", "owed", "own_review", "page", "proof", "review_of", "score", "spread",
    "unanswered_in", "works_there", "written",
]  # fmt: skip

PAGE = 10
EDIT_FOR = timedelta(days=7)
_SHADOW = int(ROLE_SHADOW.total_seconds() * 1000)


def _works_there(said: type[Review] | type[Answer]) -> ColumnElement[bool]:
    """Say that the author has a role at the shop, or one that ended after the year before they spoke began."""
    since = type_coerce(said.at, BigInteger) - _SHADOW
    role = select(Role.id).where(Role.shop_id == said.shop_id, Role.account_id == said.account_id)
    return role.where(or_(Role.ended_at.is_(None), Role.ended_at > type_coerce(since, Role.ended_at.type))) \
        .correlate(said).exists()  # fmt: skip


def _redeemed(said: type[Review] | type[Answer], *more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say that the redemption stands: it was not annulled."""
    stands = select(Redemption.id).where(
        Redemption.id == said.redemption_id, Redemption.annulled_at.is_(None)
    )
    return stands.where(*more).correlate(said).exists()


_CONFIRMED = select(Visit.id).where(Visit.id == Review.visit_id, Visit.confirmed_at.is_not(None))
PROVEN = or_(_redeemed(Review, Redemption.value > 0), _CONFIRMED.correlate(Review).exists())
INSIDER = _works_there(Review)
# The one condition of what moves a shop's score; docs/reviews.md names the constraints that stand behind it.
COUNTED = and_(Review.state == "shown", PROVEN, not_(INSIDER))
# The same for the answers to "as advertised?".
ANSWER_COUNTED = and_(_redeemed(Answer), not_(_works_there(Answer)))
# Money of the same purchase went back: of this pass, or of another one that was bought with it.
_BOUGHT = (
    select(OrderPass.order_id).where(OrderPass.pass_id == Review.pass_id).correlate(Review).scalar_subquery()
)
_REFUNDED = select(Refund.id).where(Refund.order_id == _BOUGHT, Refund.amount > 0).correlate(Review).exists()


class Said(NamedTuple):
    """A review with everything that is said beside it."""

    review: Review
    shop: Shop
    reply: Reply | None
    value: int | None
    annulled_at: datetime | None
    confirmed_at: datetime | None
    counted: bool
    insider: bool
    refunded: bool
    photos: Sequence[Photo] = ()


def own_review(session: Session, *, account_id: int, review_id: int) -> Said:
    """Return one's own review; NotAllowed otherwise."""
    found = one(session, review_id)
    if found.review.account_id != account_id:
        raise NotAllowed
    return found


def one(session: Session, review_id: int) -> Said:
    """Return a review of a shop that is there, hidden or not; NotAllowed otherwise."""
    rows = session.execute(_said().where(Review.id == review_id, Shop.status != "gone")).all()
    if not rows:
        raise NotAllowed
    return _with_photos(session, rows)[0]


def written(
    session: Session, *, account_id: int, proof: Proof | None = None, key: str | None = None
) -> Review | None:
    """Return what this account wrote under this key, or about this proof."""
    mine = select(Review).where(Review.account_id == account_id)
    if proof is None:
        return session.scalars(mine.where(Review.key == key)).one_or_none()
    column = Review.redemption_id if proof.kind == "redemption" else Review.visit_id
    return session.scalars(mine.where(column == proof.id)).one_or_none()


def page(
    session: Session, *, shop_id: int, number: int, show: str = "counted", stars: int | None = None
) -> tuple[list[Said], bool]:
    """Return a page of a shop's reviews, the newest first, and whether there are more; pages count from 1.

    `show` is "counted" (with the tombstones of hidden ones), "apart" (shown, outside the score) or "all".
    """
    wanted = _said().where(Review.shop_id == shop_id)
    if stars:
        wanted = wanted.where(COUNTED, Review.rating == stars)
    elif show == "counted":
        wanted = wanted.where(or_(Review.state == "hidden", COUNTED))
    elif show == "apart":
        wanted = wanted.where(Review.state == "shown", not_(COUNTED))
    return _page(session, wanted, number)


def mine(session: Session, *, account_id: int, number: int) -> tuple[list[Said], bool]:
    """Return a page of what an account wrote, the newest first, and whether there is more."""
    return _page(session, _said().where(Review.account_id == account_id), number)


def score(shop: Shop) -> str:
    """Say a shop's mean with the prior of the ranking (see /about/ranking), one decimal; "" when nothing counts."""
    if not shop.rating_count:
        return ""
    return f"{mean(shop.rating_sum, shop.rating_count):.1f}"


def spread(session: Session, shop_id: int) -> dict[int, int]:
    """Count the reviews that move the score by their stars."""
    rows = select(Review.rating, func.count()).where(Review.shop_id == shop_id, COUNTED)
    found: dict[int, int] = {row[0]: row[1] for row in session.execute(rows.group_by(Review.rating))}
    return {stars: found.get(stars, 0) for stars in (5, 4, 3, 2, 1)}


def apart(session: Session, shop_id: int) -> int:
    """Count the reviews that stand outside the score."""
    rows = select(func.count(Review.id)).where(Review.shop_id == shop_id, Review.state == "shown")
    return session.scalar(rows.where(not_(COUNTED))) or 0


def honesty(session: Session, shop_id: int) -> list[tuple[Offer, str]]:
    """List a shop's offers that people answered for, with their titles."""
    rows = select(Offer, Terms.title).join(Terms, Terms.id == Offer.terms_id)
    rows = rows.where(Offer.shop_id == shop_id, Offer.honest_count > 0).order_by(Offer.id.desc())
    return [(offer, title) for offer, title in session.execute(rows)]


def answer_of(session: Session, redemption_ids: Sequence[str]) -> dict[str, bool]:
    """Return the answers given to "as advertised?", by redemption."""
    rows = select(Answer.redemption_id, Answer.is_kept).where(Answer.redemption_id.in_(redemption_ids))
    return {row[0]: row[1] for row in session.execute(rows)}


def review_of(session: Session, redemption_ids: Sequence[str]) -> dict[str, int]:
    """Return the ids of the reviews written about these redemptions."""
    rows = select(Review.redemption_id, Review.id).where(Review.redemption_id.in_(redemption_ids))
    return {str(row[0]): row[1] for row in session.execute(rows)}


def unanswered_in(shop_id: int) -> Select[int]:
    """Give the statement that counts a shop's shown reviews to which it did not reply."""
    replied = exists().where(Reply.review_id == Review.id)
    return select(func.count()).where(Review.shop_id == shop_id, Review.state == "shown", ~replied)


def complaints(session: Session, *, shop_id: int, number: int) -> tuple[list[tuple[Answer, str]], bool]:
    """Return a page of the answers "no" with the offers' titles, the newest first; for the shop's eyes only.

    What a guest told a former owner, or has to say of a visit there, is not for the next one.
    """
    rows = select(Answer, Terms.title).join(Pass, Pass.id == Answer.pass_id)
    rows = rows.join(Terms, Terms.id == Pass.terms_id).where(Answer.shop_id == shop_id, not_(Answer.is_kept))
    rows = rows.join(Redemption, Redemption.id == Answer.redemption_id)
    rows = rows.where(shops.own(Redemption.at, shops.kept_from(session, shop_id)))
    found = session.execute(_slice(rows.order_by(Answer.at.desc(), Answer.redemption_id), number)).all()
    return [(answer, title) for answer, title in found[:PAGE]], len(found) > PAGE


def lines(session: Session, *, shop_id: int, number: int) -> tuple[list[Line], bool]:
    """Return a page of the private lines to a shop, the newest first; for its eyes only, as complaints are."""
    rows = select(Line).where(Line.shop_id == shop_id).order_by(Line.at.desc(), Line.id.desc())
    rows = rows.outerjoin(Redemption, Redemption.id == Line.redemption_id)
    rows = rows.outerjoin(Visit, Visit.id == Line.visit_id)
    came = func.coalesce(Redemption.at, Visit.at, Line.at)
    rows = rows.where(shops.own(came, shops.kept_from(session, shop_id)))
    found = session.scalars(_slice(rows, number)).all()
    return list(found[:PAGE]), len(found) > PAGE


@shows
def shown_photos() -> ColumnElement[bool]:
    """Show the photos of reviews that are shown."""
    held = select(ReviewPhoto.photo_id).join(Review, Review.id == ReviewPhoto.review_id)
    return held.where(ReviewPhoto.photo_id == Photo.id, Review.state == "shown").correlate(Photo).exists()


@on_me
def reviews_line(session: Session, account_id: int, locale: str) -> list[Place]:
    """Give /me the way to one's reviews, with how many visits wait for a word."""
    waiting = len(owed(session, account_id=account_id, now=clock.now(), most=9))
    if not waiting:
        return [Place("/me/reviews", "edit", N_("My reviews"))]
    return [
        Place("/me/reviews", "edit", N_("My reviews"), N_("Waiting for your word: %(num)s"), {"num": waiting})
    ]


def _said() -> Rows:
    columns = (Redemption.value, Redemption.annulled_at, Visit.confirmed_at, COUNTED, INSIDER, _REFUNDED)
    rows = select(Review, Shop, Reply, *columns).join(Shop, Shop.id == Review.shop_id)
    rows = rows.outerjoin(Reply, Reply.review_id == Review.id)
    rows = rows.outerjoin(Redemption, Redemption.id == Review.redemption_id)
    return rows.outerjoin(Visit, Visit.id == Review.visit_id)


def _slice(rows: Rows, number: int) -> Rows:
    return rows.offset((number - 1) * PAGE).limit(PAGE + 1)


def _page(session: Session, wanted: Rows, number: int) -> tuple[list[Said], bool]:
    rows = session.execute(_slice(wanted.order_by(Review.at.desc(), Review.id.desc()), number)).all()
    return _with_photos(session, rows[:PAGE]), len(rows) > PAGE


def _with_photos(session: Session, rows: Sequence[Any]) -> list[Said]:
    wanted = select(ReviewPhoto.review_id, Photo).join(Photo, Photo.id == ReviewPhoto.photo_id)
    wanted = wanted.where(ReviewPhoto.review_id.in_([row[0].id for row in rows]))
    found = defaultdict(list)
    for review_id, photo in session.execute(wanted.order_by(ReviewPhoto.number)):
        found[review_id].append(photo)
    return [Said(*row)._replace(photos=found[row[0].id]) for row in rows]
