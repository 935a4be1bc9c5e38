"""Reviews: read by everybody, written and changed by their authors."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, Response, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.accounts.queries import consented
from o2o.kernel import clock, journal, uploads
from o2o.kernel.access import policy, public, signed_in
from o2o.kernel.calendar import day_words
from o2o.kernel.db import begin_write, db, new_id
from o2o.kernel.errors import BadInput
from o2o.kernel.forms import once, remember
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast, wants_fragment
from o2o.kernel.words import N_
from o2o.photos import rules as photo_rules
from o2o.reviews import asked, queries, rules
from o2o.reviews.forms import ReviewForm
from o2o.reviews.line import printed
from o2o.reviews.queries import Proof, Said
from o2o.shops import queries as shops

bp = Blueprint("reviews", __name__)
LAST_PAGE = 1000
SHOWN = ("counted", "apart")
WINDOW = 3


def number_of_page() -> int:
    """Read which page is asked for; BadInput for what is none."""
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= LAST_PAGE):
        raise BadInput("bad_page", N_("There is no such page."))
    return int(text)


@bp.get("/shops/<int:shop>/reviews")
@policy(public)
def of_shop(shop: int) -> Response:
    """Show a shop's reviews: the page, the window on the shop's own page, or the next ten."""
    row, number = shops.shop(db.session, shop), number_of_page()
    show = request.args.get("show", "counted")
    stars = request.args.get("stars", type=int)
    if show not in SHOWN or (stars is not None and stars not in range(1, 6)):
        raise BadInput("bad_page", N_("There is no such page."))
    said, more = queries.page(db.session, shop_id=shop, number=number, show=show, stars=stars)
    is_window = wants_fragment() and number == 1
    here = f"/shops/{shop}/reviews?" + (f"stars={stars}" if stars else f"show={show}")
    return page(
        "reviews/shop.html",
        block="more" if number > 1 else "window",
        cache="page",
        shop=row,
        name=shops.shop_name(row, html_lang()),
        lines=[printed(one) for one in said[: WINDOW if is_window else None]],
        is_window=is_window,
        number=number,
        show=show,
        stars_only=stars,
        next_url=f"{here}&page={number + 1}" if more else None,
        **({} if number > 1 else figures(shop)),
    )


def figures(shop_id: int) -> dict[str, Any]:
    """Count what stands above a shop's reviews."""
    return {
        "spread": queries.spread(db.session, shop_id),
        "apart": queries.apart(db.session, shop_id),
        "honesty": queries.honesty(db.session, shop_id),
    }


@bp.get("/reviews/<int:review>")
@policy(public)
def one(review: int) -> Response:
    """Show one review at an address of its own; its author finds here what they may do with it."""
    said = queries.one(db.session, review)
    shop = shops.shop(db.session, said.review.shop_id)
    is_mine = current_user.is_authenticated and current_user.account_id == said.review.account_id
    return page(
        "reviews/review.html",
        shop=shop,
        name=shops.shop_name(shop, html_lang()),
        line=printed(said),
        is_mine=is_mine,
        can_edit=is_mine and rules.can_edit(said.review, clock.now()),
        asks_replies=is_mine and not consented(db.session, current_user.account_id, "replies"),
    )


@bp.get("/reviews/new")
@policy(signed_in)
def new() -> Response:
    """Show the form for a visit or redemption of one's own; what is written already is shown instead."""
    form = ReviewForm(formdata=None, data={name: request.args.get(name) for name in ("redemption", "visit")})
    proof = queries.proof(db.session, account_id=current_user.account_id, **form.proof())
    done = queries.written(db.session, account_id=current_user.account_id, proof=proof)
    if done is not None:
        return see_other(f"/reviews/{done.id}")
    rules.may_speak(db.session, account_id=current_user.account_id, proof=proof, now=clock.now())
    return form_page(form, proof)


@bp.post("/reviews")
@policy(signed_in)
def write() -> Response:
    """Keep a review; the outbox may send it again without harm."""
    form, account_id = sent_form(), current_user.account_id
    named, key = form.proof(), form.press()
    done = queries.written(db.session, account_id=account_id, key=key)
    # Photos are not redrawn for what stands already.
    if done is None or not rules.is_said(done, *form.said()):
        proof = queries.proof(db.session, account_id=account_id, **named)
        words = words_of(form)
        if not form.errors:
            begin_write()
            with asked.refusals(form):
                whose = {"account_id": account_id, "key": key, **named}
                done = rules.write(db.session, **whose, **words, now=clock.now())
        if form.errors or done is None:
            return form_page(form, proof, status=form.status)
        db.session.commit()
    review_id = done.id
    journal.deliver(db.session)
    toast(_("Thank you. Your word stands."))
    return see_other(f"/reviews/{review_id}")


@bp.get("/reviews/<int:review>/edit")
@policy(signed_in)
def edit(review: int) -> Response:
    """Show one's review ready to be changed, once."""
    said = queries.own_review(db.session, account_id=current_user.account_id, review_id=review)
    if not rules.can_edit(said.review, clock.now()):
        return see_other(f"/reviews/{review}")
    form = ReviewForm(formdata=None, data={"rating": str(said.review.rating), "text": said.review.text})
    return edit_page(form, said)


@bp.post("/reviews/<int:review>/edit")
@policy(signed_in)
def change(review: int) -> Response:
    """Change one's review."""
    form, mine = sent_form(), {"account_id": current_user.account_id, "review_id": review}
    key = form.press()
    shop_id = queries.own_review(db.session, **mine).shop.id
    words = words_of(form)
    if not form.errors:
        owner = f"account:{current_user.account_id}"
        content = {"review": review, "rating": words["rating"], "text": words["text"]}
        begin_write()
        # The same press in another tab is waited for, not refused as a second change.
        shops.shop(db.session, shop_id, lock=True)
        with asked.refusals(form):
            if once(db.session, owner, key, content) is None:
                rules.edit(db.session, **mine, **words, kept=form.kept.data or [], now=clock.now())
                remember(db.session, owner, key, content, f"/reviews/{review}")
    if form.errors:
        return edit_page(form, queries.own_review(db.session, **mine), status=form.status)
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Changed. It stays as it is now."))
    return see_other(f"/reviews/{review}")


@bp.get("/me/reviews")
@policy(signed_in)
def mine() -> Response:
    """List what one wrote, and the visits that wait for a word."""
    number, account_id = number_of_page(), current_user.account_id
    said, more = queries.mine(db.session, account_id=account_id, number=number)
    owed = queries.owed(db.session, account_id=account_id, now=clock.now()) if number == 1 else []
    return page(
        "reviews/mine.html",
        block="more" if number > 1 else None,
        lines=[printed(one) for one in said],
        owed=owed,
        number=number,
        next_url=f"/me/reviews?page={number + 1}" if more else None,
    )


def sent_form() -> ReviewForm:
    """Read a form with photos."""
    uploads.take(most=photo_rules.MOST_PHOTOS, each=photo_rules.MOST_BYTES)
    return ReviewForm()


def words_of(form: ReviewForm) -> dict[str, Any]:
    """Read stars, words and photos; the photos are redrawn with no transaction open. What is wrong stays in `form`."""
    if form.validate():
        db.session.rollback()
        with asked.refusals(form):
            photos = photo_rules.prepare_all(uploads.sent("photos"))
            return {"rating": int(form.rating.data), "text": form.text.data, "photos": photos}
    return {}


def form_page(form: ReviewForm, proof: Proof, *, status: int = 200) -> Response:
    """Show the form for a proof; it opens offline too, so its key was made with the page."""
    return page(
        "reviews/new.html",
        cache="private",
        status=status,
        form=form,
        proof=proof,
        name=shops.shop_name(proof.shop, html_lang()),
    )


def edit_page(form: ReviewForm, said: Said, *, status: int = 200) -> Response:
    """Show the form for a change."""
    form.key.data = form.key.data or new_id()
    return page("reviews/edit.html", status=status, form=form, line=printed(said), said=said)


def date(moment: datetime) -> str:
    """Give the town's date of a moment; to the second it would tell who stood at the counter then."""
    return moment.astimezone(shops.founded(db.session).zone).date().isoformat()


def date_words(moment: datetime) -> str:
    """Say the town's date of a moment in the reader's language."""
    return day_words(moment, shops.founded(db.session).zone, html_lang())


def init_app(app: Flask) -> None:
    """Register what lives in files of its own, and the words that other rooms' templates print."""
    app.register_blueprint(asked.bp)
    app.jinja_env.globals["score"] = queries.score
    app.jinja_env.filters.update(date=date, date_words=date_words)
