"""V1 to V4: every public number of the feedback floor is recounted from its rows."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Integer, SQLColumnExpression, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session

from o2o.kernel.checks import invariant
from o2o.offers.models import Offer, Terms
from o2o.passes.models import Pass
from o2o.photos.models import Photo
from o2o.reviews.models import Answer, Review, ReviewPhoto
from o2o.reviews.queries import ANSWER_COUNTED, COUNTED
from o2o.shops.models import Shop


def _sum(value: SQLColumnExpression[int]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(value), 0), Integer)


@invariant("V1", "a shop's rating is the sum and the number of the reviews that count")
def ratings_add_up(session: Session) -> Iterator[str]:
    """Name the shops whose stored rating differs from a recount."""
    rows = select(Shop.id, Shop.rating_sum, Shop.rating_count, _sum(Review.rating), func.count(Review.id))
    rows = rows.outerjoin(Review, and_(Review.shop_id == Shop.id, COUNTED)).where(Shop.status != "gone")
    for row in session.execute(rows.group_by(Shop.id).order_by(Shop.id)):
        if tuple(row[1:3]) != tuple(row[3:5]):
            yield f"shop {row[0]}: {row[1]} from {row[2]} stored, {row[3]} from {row[4]} counted"


@invariant("V2", "an offer's honesty is the number of its answers that count")
def offers_honest(session: Session) -> Iterator[str]:
    """Name the offers whose stored answers differ from a recount."""
    yes = _sum(case((Answer.is_kept, 1), else_=0))
    rows = select(Offer.id, Offer.honest_yes, Offer.honest_count, yes, func.count(Answer.redemption_id))
    rows = rows.join(Shop, Shop.id == Offer.shop_id).where(Shop.status != "gone")
    rows = rows.outerjoin(Answer, and_(Answer.offer_id == Offer.id, ANSWER_COUNTED))
    for row in session.execute(rows.group_by(Offer.id).order_by(Offer.id)):
        if tuple(row[1:3]) != tuple(row[3:5]):
            yield f"offer {row[0]}: {row[1]} of {row[2]} stored, {row[3]} of {row[4]} counted"


@invariant("V3", "a shop's honesty is the sum of its offers'")
def shops_honest(session: Session) -> Iterator[str]:
    """Name the shops whose stored answers differ from their offers'."""
    sums = _sum(Offer.honest_yes), _sum(Offer.honest_count)
    rows = select(Shop.id, Shop.honest_yes, Shop.honest_count, *sums).where(Shop.status != "gone")
    for row in session.execute(
        rows.outerjoin(Offer, Offer.shop_id == Shop.id).group_by(Shop.id).order_by(Shop.id)
    ):
        if tuple(row[1:3]) != tuple(row[3:5]):
            yield f"shop {row[0]}: {row[1]} of {row[2]} stored, {row[3]} of {row[4]} in its offers"


@invariant("V4", "an answer is about the offer of its pass, and a review's photos are its author's")
def voices_fit(session: Session) -> Iterator[str]:
    """Name the answers about another offer than their pass's, and photos of another person or shop."""
    strays = select(Answer.redemption_id).join(Pass, Pass.id == Answer.pass_id)
    strays = strays.join(Terms, Terms.id == Pass.terms_id).where(Terms.offer_id != Answer.offer_id)
    yield from (f"answer {row}: another offer than its pass's" for row in session.scalars(strays))
    others = select(ReviewPhoto.photo_id).join(Photo, Photo.id == ReviewPhoto.photo_id)
    others = others.join(Review, Review.id == ReviewPhoto.review_id)
    differs = or_(Photo.account_id != Review.account_id, Photo.shop_id != Review.shop_id)
    yield from (
        f"photo {row}: not of its review's author and shop" for row in session.scalars(others.where(differs))
    )
