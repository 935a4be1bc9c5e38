"""Verbs of reviews: write, edit, reply, hide, show; whatever moves the score counts it anew in the same transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from o2o.accounts.models import Account
from o2o.kernel import journal
from o2o.kernel.db import insert_ignore
from o2o.kernel.errors import BadInput, NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.notifications.rules import tell
from o2o.photos import rules as photo_rules
from o2o.photos.rules import MOST_PHOTOS, Prepared
from o2o.reviews import queries
from o2o.reviews.answers import answer, is_there, key_reused, may_speak, recount_answers, say
from o2o.reviews.models import REVIEW_STATES, Reply, Review, ReviewPhoto
from o2o.reviews.queries import COUNTED, EDIT_FOR, Proof
from o2o.shops import queries as shops
from o2o.shops import rules as shop_rules

__all__ = [
    "answer", "can_edit", "edit", "hide", "is_said", "is_there", "may_speak", "recount", "recount_answers", "reply",
    "say", "show", "write",
]  # fmt: skip

LONGEST, LONGEST_REPLY, LONGEST_WHY = 2000, 1000, 300


def write(
    session: Session,
    *,
    account_id: int,
    rating: int,
    text: str,
    key: str,
    now: datetime,
    redemption_id: str | None = None,
    visit_id: str | None = None,
    photos: Sequence[Prepared] = (),
) -> Review:
    """Write about one's own redemption or visit, once; the same words again are the same review, by whatever press.

    Side effects in order: the review, its photos, the shop's score, fact review.written. Refuses what `may_speak`
    refuses, other words under a key that was used (409 key_reused), a second review of a proof (409 written) and
    what cannot be (422).
    """
    _check(rating, text, len(photos))
    proof = queries.proof(session, account_id=account_id, redemption_id=redemption_id, visit_id=visit_id)
    shops.shop(session, proof.shop.id, lock=True)
    done = _repeated(session, account_id, key, proof, rating, text)
    if done is not None:
        return done
    may_speak(session, account_id=account_id, proof=proof, now=now)
    row = {
        "shop_id": proof.shop.id,
        "account_id": account_id,
        "redemption_id": redemption_id or None,
        "pass_id": proof.pass_id,
        "visit_id": visit_id or None,
        "key": key,
        "rating": rating,
        "text": text,
        "state": "shown",
        "at": now,
    }
    if not insert_ignore(session, Review.__table__, row):  # type: ignore[arg-type]
        raise _written()
    review = session.scalars(select(Review).where(Review.account_id == account_id, Review.key == key)).one()
    _attach(session, review, photos, now)
    recount(session, shop_id=review.shop_id)
    journal.record(session, "review.written", review_id=review.id, shop_id=review.shop_id)
    return review


def edit(
    session: Session,
    *,
    account_id: int,
    review_id: int,
    rating: int,
    text: str,
    now: datetime,
    kept: Sequence[str] = (),
    photos: Sequence[Prepared] = (),
) -> Review:
    """Change one's own review, once and within EDIT_FOR; photos that are not in `kept` are deleted.

    Side effects in order: photos, the review, the shop's score, fact review.edited.
    """
    found = queries.own_review(session, account_id=account_id, review_id=review_id)
    review = _locked(session, found.review)
    if not can_edit(review, now):
        raise RuleBroken("edit_over", N_("A review can be changed once, within seven days. This one stays."))
    gone = [photo.id for photo in found.photos if photo.id not in kept]
    _check(rating, text, len(found.photos) - len(gone) + len(photos))
    session.execute(delete(ReviewPhoto).where(ReviewPhoto.photo_id.in_(gone)))
    for photo_id in gone:
        photo_rules.drop(session, photo_id=photo_id)
    _attach(session, review, photos, now)
    review.rating, review.text, review.edited_at = rating, text, now
    session.flush()
    recount(session, shop_id=review.shop_id)
    journal.record(session, "review.edited", review_id=review.id, shop_id=review.shop_id)
    return review


def can_edit(review: Review, now: datetime) -> bool:
    """Tell whether its author may still change a review."""
    return review.state == "shown" and review.edited_at is None and now - review.at < EDIT_FOR


def reply(
    session: Session, *, shop_id: int, account_id: int, review_id: int, text: str, now: datetime
) -> Reply:
    """Answer a review of this shop in public, or change the answer; nothing is ever removed.

    The author is told once, if they asked to be. Fact review.replied.
    """
    words = _required(text, LONGEST_REPLY)
    review = _locked(session, queries.one(session, review_id).review)
    if review.shop_id != shop_id:
        raise NotAllowed
    if review.state != "shown":
        raise RuleBroken("hidden", N_("This review is hidden. There is nothing to answer."))
    row = session.get(Reply, review_id)
    if row is not None and row.text == words:
        return row
    if row is None:
        row = Reply(review_id=review_id, account_id=account_id, text=words, at=now)
        session.add(row)
    else:
        row.text, row.account_id, row.edited_at = words, account_id, now
    session.flush()
    _tell(session, review, "review.replied")
    journal.record(session, "review.replied", review_id=review_id, shop_id=shop_id)
    return row


def hide(session: Session, *, review_id: int, why: str) -> Review:
    """Take a review out of sight and score; the reason stays in public, and its author is told. Fact review.hidden."""
    return _move(session, review_id, "hidden", _required(why, LONGEST_WHY))


def show(session: Session, *, review_id: int) -> Review:
    """Put a hidden review back; it counts again. Fact review.shown."""
    return _move(session, review_id, "shown", None)


def recount(session: Session, *, shop_id: int) -> None:
    """Count a shop's reviews by queries.COUNTED and store sum and number with the shop; the shop is locked first."""
    if not is_there(session, shop_id):
        return
    total = func.coalesce(func.sum(Review.rating), 0)
    sums = session.execute(select(total, func.count()).where(Review.shop_id == shop_id, COUNTED)).one()
    shop_rules.rate(session, shop_id=shop_id, total=sums[0], count=sums[1])


def _move(session: Session, review_id: int, state: str, why: str | None) -> Review:
    review = _locked(session, queries.one(session, review_id).review)
    if review.state == state:
        return review
    if state not in REVIEW_STATES[review.state]:
        raise ValueError(state)
    review.state, review.hidden_why = state, why
    session.flush()
    recount(session, shop_id=review.shop_id)
    _tell(session, review, f"review.{state}")
    journal.record(session, f"review.{state}", review_id=review.id, shop_id=review.shop_id)
    return review


def _locked(session: Session, review: Review) -> Review:
    """Lock the shop, then the review: the rooms' order."""
    shops.shop(session, review.shop_id, lock=True, behind=True)
    session.refresh(review, with_for_update=True)
    return review


def _repeated(
    session: Session, account_id: int, key: str, proof: Proof, rating: int, text: str
) -> Review | None:
    """Return what was written before by this press, or about this proof in the same words."""
    done = queries.written(session, account_id=account_id, key=key)
    if done is not None and not is_said(done, proof.id, rating, text):
        raise key_reused()
    if done is None:
        done = queries.written(session, account_id=account_id, proof=proof)
        if done is not None and not is_said(done, proof.id, rating, text):
            raise _written()
    return done


def is_said(review: Review, proof_id: str | None, rating: int | None, text: str | None) -> bool:
    """Tell whether a review says this about this proof; of one that was changed since, nobody knows any more."""
    is_same = review.edited_at is not None or (review.rating, review.text) == (rating, text)
    return is_same and proof_id in (review.redemption_id, review.visit_id)


def _written() -> RuleBroken:
    return RuleBroken(
        "written", N_("You have written about this visit already. You can change it once, within a week.")
    )


def _attach(session: Session, review: Review, photos: Sequence[Prepared], now: datetime) -> None:
    taken = set(session.scalars(select(ReviewPhoto.number).where(ReviewPhoto.review_id == review.id)))
    free = [number for number in range(1, MOST_PHOTOS + 1) if number not in taken]
    for number, prepared in zip(free, photos, strict=False):
        photo = photo_rules.keep(
            session, account_id=review.account_id, shop_id=review.shop_id, prepared=prepared, at=now
        )
        session.add(ReviewPhoto(photo_id=photo.id, review_id=review.id, number=number))
    session.flush()


def _tell(session: Session, review: Review, kind: str) -> None:
    if session.scalar(select(Account.erased_at).where(Account.id == review.account_id)):
        return
    shop = shops.shop(session, review.shop_id, behind=True)
    tell(
        session,
        account_id=review.account_id,
        key=f"{kind}:{review.id}",
        kind=kind,
        link=f"/reviews/{review.id}",
        shop=shop.name,
        shop_zh=shop.name_zh,
        shop_en=shop.name_en,
    )


def _check(rating: int, text: str, photos: int) -> None:
    if not 1 <= rating <= 5:
        raise BadInput("bad_rating", N_("Choose one to five stars."), status=422, field="rating")
    if len(text) > LONGEST:
        sentence = N_("Keep this within %(most)s characters.")
        raise BadInput("too_long", sentence, status=422, field="text", most=LONGEST)
    if photos > MOST_PHOTOS:
        sentence = N_("Up to %(most)s photos, please.")
        raise BadInput("many_photos", sentence, status=422, field="photos", most=MOST_PHOTOS)


def _required(text: str, most: int) -> str:
    words = text.strip()
    if not words:
        raise BadInput("no_text", N_("Write something first."), status=422, field="text")
    if len(words) > most:
        sentence = N_("Keep this within %(most)s characters.")
        raise BadInput("too_long", sentence, status=422, field="text", most=most)
    return words
