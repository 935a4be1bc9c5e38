"""A shop, its people, and a review that somebody may report."""

from dataclasses import dataclass

from o2o.kernel import clock
from o2o.kernel.db import begin_write, db, new_id
from o2o.photos import rules as photos
from o2o.reports import rules
from o2o.reports.models import Report
from o2o.reviews import rules as reviews
from tests import factories
from tests.photos.pictures import scene, written


@dataclass(frozen=True)
class Place:
    """What the tests of reports need."""

    shop: int
    review: int
    guest: int
    writer: int
    operator: int
    photo: str


def settle(status: str = "claimed", *, paid: bool = False) -> Place:
    """Make a shop with a review by one person, another person, and an operator."""
    photo = photos.prepare(written(scene(), "JPEG"))
    begin_write()
    shop = factories.make_shop(db.session, status=status)
    writer = factories.make_account(db.session, "writer")
    visit = factories.make_visit(db.session, factories.make_poster(db.session, shop), "writer")
    review = reviews.write(
        db.session, account_id=writer.id, visit_id=visit.id, rating=1, text="Never again",
        photos=[photo], key=new_id(), now=clock.now(),
    )  # fmt: skip
    guest = factories.make_account(db.session, "guest")
    operator = factories.make_account(db.session, "operator")
    operator.is_operator = True
    if paid:
        factories.make_pass(db.session, factories.make_terms(db.session, shop), "writer")
    db.session.flush()
    kept = db.session.scalars(photo_of(review.id)).one()
    place = Place(shop.id, review.id, guest.id, writer.id, operator.id, kept)
    db.session.commit()
    return place


def photo_of(review_id: int):
    from sqlalchemy import select

    from o2o.reviews.models import ReviewPhoto

    return select(ReviewPhoto.photo_id).where(ReviewPhoto.review_id == review_id)


def make_report(place: Place, **more) -> Report:
    """Report the shop, or what `more` says, in the caller's transaction."""
    given = {
        "account_id": place.guest,
        "shop_id": place.shop,
        "reason": "closed",
        "text": "",
        "key": new_id(),
    }
    if more.get("review_id"):
        given["reason"] = "abuse"
    return rules.report(db.session, **{**given, "now": clock.now(), **more})[0]
