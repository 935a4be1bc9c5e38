"""The owner's tills: let in, renamed, switched off, and what they may do with no network."""

from typing import NamedTuple

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.kernel import clock
from o2o.kernel.access import owner_of, policy
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import BadInput
from o2o.kernel.forms import UNSEEN
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.shops import queries as shops
from o2o.tills import queries, rules
from o2o.tills.forms import RulesForm
from o2o.tills.models import Till

bp = Blueprint("tills_console", __name__)


class Line(NamedTuple):
    """A till with who asked for it ("" for somebody who left), and how many of its entries never arrived."""

    till: Till
    asked_by: str
    missing: int


@bp.get("/console/<int:shop>/tills")
@policy(owner_of("shop"))
def tills(shop: int) -> Response:
    """List the shop's tills and its offline rules."""
    limits, town = queries.offline_rules(db.session, shop), shops.founded(db.session)
    return tills_page(shop, RulesForm(formdata=None).show(limits, town.currency))


@bp.post("/console/<int:shop>/tills/<till_id>/admit")
@policy(owner_of("shop"))
def admit(shop: int, till_id: str) -> Response:
    """Let a waiting phone in."""
    account_id = current_user.account_id
    begin_write()
    rules.admit(db.session, shop_id=shop, till_id=till_id, account_id=account_id, now=clock.now())
    db.session.commit()
    toast(_("It is a till now. On that phone it starts within seconds."))
    return see_other(f"/console/{shop}/tills")


@bp.post("/console/<int:shop>/tills/<till_id>/rename")
@policy(owner_of("shop"))
def rename(shop: int, till_id: str) -> Response:
    """Give a till another name."""
    account_id, name = current_user.account_id, UNSEEN.sub("", request.form.get("name", ""))
    begin_write()
    rules.rename(db.session, shop_id=shop, till_id=till_id, account_id=account_id, name=name)
    db.session.commit()
    toast(_("Saved."))
    return see_other(f"/console/{shop}/tills")


@bp.post("/console/<int:shop>/tills/<till_id>/revoke")
@policy(owner_of("shop"))
def revoke(shop: int, till_id: str) -> Response:
    """Switch a till off for good, or turn a waiting phone down."""
    account_id = current_user.account_id
    begin_write()
    rules.revoke(db.session, shop_id=shop, till_id=till_id, account_id=account_id, now=clock.now())
    db.session.commit()
    toast(_("It is switched off. What it had taken is kept."))
    return see_other(f"/console/{shop}/tills")


@bp.post("/console/<int:shop>/tills/rules")
@policy(owner_of("shop"))
def set_rules(shop: int) -> Response:
    """Set what the tills may do with no network."""
    form, account_id = RulesForm(), current_user.account_id
    limits = form.limits(shops.founded(db.session).currency)
    if limits is None:
        return tills_page(shop, form, status=422)
    begin_write()
    try:
        rules.set_rules(db.session, shop_id=shop, account_id=account_id, limits=limits, now=clock.now())
    except BadInput as refusal:
        db.session.rollback()
        form.refused(refusal)
        return tills_page(shop, form, status=refusal.status)
    db.session.commit()
    toast(_("Saved. Each till follows it after its next connection."))
    return see_other(f"/console/{shop}/tills")


def tills_page(shop_id: int, form: RulesForm, *, status: int = 200) -> Response:
    """Show the list and the form."""
    desk = shops.desk(db.session, account_id=current_user.account_id, shop_id=shop_id, locale=html_lang())
    names = {member.account_id: member.name for member in shops.members(db.session, shop_id)}
    lines = [
        Line(till, names.get(till.asked_by, ""), till.said_head - till.head)
        for till in queries.tills_of(db.session, shop_id)
    ]
    return page(
        "tills/tills.html",
        desk=desk,
        form=form,
        currency=shops.founded(db.session).currency,
        lines=[line for line in lines if line.till.state != "revoked"],
        over=[line for line in lines if line.till.state == "revoked"],
        status=status,
    )
