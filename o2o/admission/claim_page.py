"""The page on which the operator decides one claim."""

from flask import Response
from flask_babel import gettext as _
from flask_login import current_user

from o2o.accounts.models import Account
from o2o.admission import waiting
from o2o.admission.forms import DecideForm
from o2o.admission.review import claim_mark
from o2o.admission.reviewed import CLAIM_STATES, LINE_STATES, WAYS, decisions, reviewed
from o2o.kernel import clock
from o2o.kernel.db import db
from o2o.kernel.errors import Refusal
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page
from o2o.onboarding import queries
from o2o.papers.queries import DONE
from o2o.places import categories
from o2o.shops import queries as shops
from o2o.shops.links import fresh_link, link_qr
from o2o.shops.models import VISIBLE, Shop


def claim_page(
    claim_id: int,
    *,
    form: DecideForm | None = None,
    key: str = "",
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    """Show a claim; `form` keeps what was typed at the line `key`, or at the claim's own decision."""
    claim, locale, now = queries.claim(db.session, claim_id), html_lang(), clock.now()
    shop = db.session.get_one(Shop, claim.shop_id)
    is_own = claim.account_id == current_user.account_id
    lines = reviewed(db.session, claim, now=now, locale=locale, is_own=is_own)
    link = fresh_link(shop.id)
    return page(
        "admission/claim.html",
        claim=claim,
        shop=shop,
        name=shops.shop_name(shop, locale),
        category=category_name(shop.category, locale),
        is_visible=shop.status in VISIBLE,
        person=person(claim.account_id),
        is_own=is_own,
        lines=lines,
        unsettled=[one.title for one in lines if one.line.state not in DONE],
        may=decisions(claim, lines, is_own=is_own),
        mark=claim_mark(claim),
        others=waiting.same_shop(db.session, claim),
        invites=[row for row in shops.open_invites(db.session, shop.id) if row.kind == "claimant"],
        link=link,
        qr=link_qr(link),
        form=form or DecideForm(formdata=None),
        key=key,
        said=_(refusal.sentence) % refusal.params if refusal else "",
        states=CLAIM_STATES,
        line_states=LINE_STATES,
        ways=WAYS,
        status=status,
    )


def person(account_id: int | None) -> str:
    """Name whose claim it is: by the account's name, else its number; nothing while nobody took it up."""
    if account_id is None:
        return ""
    account = db.session.get(Account, account_id)
    return (account.handle if account else None) or f"#{account_id}"


def category_name(key: str, locale: str) -> str:
    """Say a category in the reader's language; one that the table no longer knows is said as it is."""
    try:
        return categories.category(key).name(locale)
    except KeyError:
        return key
