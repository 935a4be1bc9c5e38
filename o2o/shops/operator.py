"""The operator's listings: find one, give it to its owner."""

from flask import Blueprint, Response, make_response, redirect, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.accounts.queries import account_by_handle
from o2o.kernel import journal, refill
from o2o.kernel.access import operator, policy
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import BadInput, RuleBroken
from o2o.kernel.forms import once, posted_key, remember
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.kernel.words import N_
from o2o.places import categories
from o2o.shops import queries, rules
from o2o.shops.forms import OwnerForm, SearchForm
from o2o.shops.links import fresh_link, keep_link, link_qr

bp = Blueprint("shops_operator", __name__)
PAGE = 25
MOST_PAGES = 4000
FRESH = 5  # minutes since the last sign-in, for giving a shop away


@bp.get("/operator/listings")
@policy(operator)
def listings() -> Response:
    """Search the listings by name, PAGE at a time."""
    form = SearchForm(request.args)
    text = (form.q.data or "") if form.validate() else ""
    number = page_number()
    rows = queries.search_listings(db.session, text=text, offset=PAGE * (number - 1), most=PAGE + 1)
    return page(
        "shops/listings.html",
        block="results",
        form=form,
        text=text,
        number=number,
        more=len(rows) > PAGE,
        shops=rows[:PAGE],
        owned=queries.owned(db.session, [row.id for row in rows[:PAGE]]),
        category_name=category_name,
    )


@bp.get("/operator/listings/<int:shop>")
@policy(operator)
def listing(shop: int) -> Response:
    """Show a listing and who owns it; the link of a fresh invitation is shown once."""
    return listing_page(shop, OwnerForm(refill.typed()))


@bp.post("/operator/listings/<int:shop>/owners")
@policy(operator, fresh=FRESH, refill="shops_operator.listing")
def give(shop: int) -> Response:
    """Give a listing to an owner: by a one-time link, or at once to an account with a name."""
    form = OwnerForm()
    if not form.validate_on_submit():
        return listing_page(shop, form, status=422)
    if form.checklist.data:
        # The same form, to the room upstairs that keeps claims.
        return make_response(redirect(f"/operator/listings/{shop}/claim", code=307))
    owner, key, content = f"account:{current_user.account_id}", posted_key(), {"shop": shop, **form.data}
    begin_write()
    if once(db.session, owner, key, content) is None:
        try:
            token = give_listing(shop, form.handle.data)
        except RuleBroken as refusal:
            db.session.rollback()
            form.refused(refusal)
            return listing_page(shop, form, status=refusal.status)
        remember(db.session, owner, key, content, f"/operator/listings/{shop}")
        db.session.commit()
        announce(shop, token)
    journal.deliver(db.session)
    return see_other(f"/operator/listings/{shop}")


@bp.post("/operator/listings/<int:shop>/invites/<int:invite>/withdraw")
@policy(operator, fresh=FRESH)
def withdraw(shop: int, invite: int) -> Response:
    """Make an invitation useless."""
    begin_write()
    rules.withdraw_invite(db.session, shop_id=shop, invite_id=invite)
    db.session.commit()
    toast(_("The invitation is withdrawn."))
    return see_other(f"/operator/listings/{shop}")


def give_listing(shop_id: int, handle: str | None) -> str | None:
    """Make the named account an owner, or an owner's invitation and return its token."""
    if not handle:
        return rules.invite(db.session, shop_id=shop_id, kind="owner")
    account = account_by_handle(db.session, handle)
    if account is None:
        raise RuleBroken("no_account", N_("Nobody here has that account name."), status=422, field="handle")
    rules.make_owner(db.session, shop_id=shop_id, account_id=account.id)
    return None


def announce(shop_id: int, token: str | None) -> None:
    """Say what was done, or keep the link for the next page."""
    if token is None:
        toast(_("The listing has its owner."))
    else:
        keep_link(shop_id, token)


def listing_page(shop_id: int, form: OwnerForm, *, status: int = 200) -> Response:
    """Show one listing."""
    shop = queries.shop(db.session, shop_id)
    link = fresh_link(shop_id)
    members = [row for row in queries.members(db.session, shop_id) if row.kind == "owner"]
    return page(
        "shops/listing.html",
        shop=shop,
        name=queries.shop_name(shop, html_lang()),
        category=category_name(shop.category),
        owners=members,
        invites=[
            row for row in queries.open_invites(db.session, shop_id) if row.kind in ("owner", "claimant")
        ],
        form=form,
        link=link,
        qr=link_qr(link),
        status=status,
    )


def page_number() -> int:
    """Read which page is asked for; BadInput when it is none."""
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 4 and 1 <= int(text) <= MOST_PAGES):
        raise BadInput("bad_page", N_("There is no such page. Start again from the first one."))
    return int(text)


def category_name(key: str) -> str:
    """Say a category in the reader's language; one that the table no longer knows is said as it is."""
    try:
        return categories.category(key).name(html_lang())
    except KeyError:
        return key
