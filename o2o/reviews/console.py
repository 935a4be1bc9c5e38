"""The owner's desk: what guests say, in public and to the shop alone, and what the shop answers."""

from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.kernel import clock, journal
from o2o.kernel.access import manager_of, policy
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import BadInput, NotAllowed
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.kernel.words import N_
from o2o.reviews import queries, rules
from o2o.reviews.forms import ReplyForm
from o2o.reviews.line import printed
from o2o.reviews.views import number_of_page
from o2o.shops import queries as shops

bp = Blueprint("reviews_console", __name__)
SHOWN = {
    "all": N_("Reviews"),
    "apart": N_("Outside the score"),
    "no": N_("Not as advertised"),
    "lines": N_("Private lines"),
}


@bp.get("/console/<int:shop>/reviews")
@policy(manager_of("shop"))
def reviews(shop: int) -> Response:
    """List what guests say about the shop."""
    return desk_page(shop, ReplyForm(formdata=None))


@bp.post("/console/<int:shop>/reviews/<int:review>/reply")
@policy(manager_of("shop"))
def reply(shop: int, review: int) -> Response:
    """Answer a review in public, or change the answer."""
    form = ReplyForm()
    if queries.one(db.session, review).review.shop_id != shop:
        raise NotAllowed
    if not form.validate():
        return desk_page(shop, form, only=review, status=422)
    begin_write()
    rules.reply(
        db.session,
        shop_id=shop,
        account_id=current_user.account_id,
        review_id=review,
        text=form.text.data,
        now=clock.now(),
    )
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Your reply stands under the review."))
    return see_other(f"/console/{shop}/reviews#review-{review}")


def desk_page(shop_id: int, form: ReplyForm, *, only: int | None = None, status: int = 200) -> Response:
    """Show one of the four lists; `only` shows the one review whose reply was refused."""
    desk = shops.desk(db.session, account_id=current_user.account_id, shop_id=shop_id, locale=html_lang())
    show, number = request.args.get("show", "all"), number_of_page()
    if show not in SHOWN:
        raise BadInput("bad_page", N_("There is no such page."))
    lists, more = listed(shop_id, "only" if only else show, number, only)
    return page(
        "reviews/desk.html",
        block="more" if number > 1 else None,
        status=status,
        desk=desk,
        form=form,
        only=only,
        show=show,
        tabs=SHOWN,
        number=number,
        next_url=f"/console/{shop_id}/reviews?show={show}&page={number + 1}" if more else None,
        **lists,
    )


def listed(shop_id: int, show: str, number: int, only: int | None) -> tuple[dict[str, Any], bool]:
    """Read one list: reviews, answers "no", or private lines."""
    if show == "only":
        return {"lines": [printed(queries.one(db.session, only or 0))]}, False
    if show == "no":
        complaints, more = queries.complaints(db.session, shop_id=shop_id, number=number)
        return {"complaints": [(row, title, alias(row)) for row, title in complaints]}, more
    if show == "lines":
        private, more = queries.lines(db.session, shop_id=shop_id, number=number)
        return {"private": [(row, alias(row)) for row in private]}, more
    said, more = queries.page(db.session, shop_id=shop_id, number=number, show=show)
    return {"lines": [printed(one) for one in said]}, more


def alias(row: Any) -> str:
    """Name who said it, by the name that also stands over their reviews."""
    return shops.voice_alias(row.account_id, row.shop_id, html_lang())
