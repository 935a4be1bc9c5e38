"""For whoever stands before a listing: "is this your shop?", and a shop that is not on the map yet."""

from datetime import timedelta

from flask import Blueprint, Response, current_app
from flask_babel import gettext as _
from flask_login import current_user

from o2o.basemap import queries as basemap
from o2o.kernel import clock, deeds, journal, limits
from o2o.kernel.access import policy, public, signed_in
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.forms import once, posted_key, remember
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.onboarding import queries, rules
from o2o.onboarding.forms import NewShopForm
from o2o.onboarding.models import Claim
from o2o.onboarding.show import ask_lines
from o2o.places import categories
from o2o.shops import queries as shops
from o2o.shops.models import VISIBLE, Shop

bp = Blueprint("onboarding", __name__)
A_DAY = 20  # claims and new places of one person


@bp.get("/shops/<int:shop>/claim")
@policy(public)
def ask(shop: int) -> Response:
    """Explain what it takes to run a listing here, or say how far the visitor's own claim is."""
    row = shops.shop(db.session, shop, behind=True)
    mine = my_claim(shop)
    if row.status not in VISIBLE and mine is None:
        raise NotAllowed
    return page(
        "onboarding/claim.html",
        shop=row,
        name=shops.shop_name(row, html_lang()),
        mine=mine,
        is_held=queries.claim_of(db.session, shop) is not None,
        asked=ask_lines(db.session, html_lang()),
    )


@bp.post("/shops/<int:shop>/claim")
@policy(signed_in)
def claim(shop: int) -> Response:
    """Claim a listing: straight to its papers, or to the page that says who is before."""
    account_id = current_user.account_id
    limits.hit(db.session, "claim", account_id, most=A_DAY, per=timedelta(days=1))
    begin_write()
    row = rules.claim(db.session, shop_id=shop, account_id=account_id, now=clock.now())
    state = row.state
    deeds.note(db.session, shop_id=shop, to=state)
    db.session.commit()
    journal.deliver(db.session)
    if state == "pending":
        return see_other(f"/shops/{shop}/claim")
    return see_other(f"/console/{shop}/admission")


@bp.post("/shops/<int:shop>/claim/withdraw")
@policy(signed_in)
def withdraw(shop: int) -> Response:
    """Leave the queue for a shop, or give one's claim of it up."""
    begin_write()
    mine = my_claim(shop)
    if mine is None:
        raise NotAllowed
    rules.withdraw(db.session, claim_id=mine.id, now=clock.now())
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Withdrawn. Nothing is left of it."))
    return see_other("/me")


@bp.get("/shops/new")
@policy(signed_in)
def new() -> Response:
    """Ask for a shop that is not on the map: a tap on the map, a name, what it is."""
    return new_page(NewShopForm(formdata=None))


@bp.post("/shops/new")
@policy(signed_in)
def create() -> Response:
    """Put the shop on the map for its proposer alone, unless it may be one that is there."""
    form, account_id = NewShopForm(), current_user.account_id
    if not form.validate_on_submit():
        return new_page(form, status=422)
    known = [] if form.sure.data else queries.same_nearby(db.session, **form.point())
    if known:
        return new_page(form, known=known, status=409)
    owner, key, content = f"account:{account_id}", posted_key(), form.values()
    limits.hit(db.session, "claim", account_id, most=A_DAY, per=timedelta(days=1))
    begin_write()
    where = once(db.session, owner, key, content)
    if where is None:
        try:
            where = propose(form, owner, key)
        except RuleBroken as refusal:
            db.session.rollback()
            form.refused(refusal)
            return new_page(form, status=refusal.status)
        db.session.commit()
    journal.deliver(db.session)
    return see_other(where)


def propose(form: NewShopForm, owner: str, key: str | None) -> str:
    """Write the shop and its claim; return where its papers are."""
    row = rules.propose(db.session, account_id=current_user.account_id, now=clock.now(), **form.values())
    deeds.note(db.session, shop_id=row.shop_id, to=row.state)
    where = f"/console/{row.shop_id}/admission"
    remember(db.session, owner, key, form.values(), where)
    return where


def new_page(form: NewShopForm, *, known: list[Shop] | None = None, status: int = 200) -> Response:
    """Show the map and the form; `known` are listings that may be the same shop."""
    town, locale = shops.founded(db.session), html_lang()
    form.category.choices = categories.grouped(locale)
    return page(
        "onboarding/new.html",
        form=form,
        known=known or [],
        map_script=basemap.script_address(town, current_app.config["O2O"]),
        status=status,
    )


def my_claim(shop_id: int) -> Claim | None:
    """Return the visitor's newest claim of a shop."""
    if not current_user.is_authenticated:
        return None
    return queries.of_person(db.session, shop_id=shop_id, account_id=current_user.account_id)
