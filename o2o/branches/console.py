"""The owner's branches: which shops belong together, and the offers that they share."""

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from o2o.branches import queries, rules
from o2o.designer import panel
from o2o.kernel import clock, deeds, journal
from o2o.kernel.access import owner_of, policy
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import RuleBroken
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.kernel.words import N_
from o2o.offers import queries as offers
from o2o.shops import queries as shops

bp = Blueprint("branches_console", __name__)
BIG = 1_000_000_000  # beyond what any shop's number is
SAID = {
    "pause": N_("Paused in all branches."),
    "resume": N_("On sale in all branches."),
    "end": N_("Ended in all."),
}


@bp.get("/console/<int:shop>/shared")
@policy(owner_of("shop"))
def shared(shop: int) -> Response:
    """Show the group, what its branches share, and what could be shared."""
    return shared_page(shop)


def shared_page(shop: int, *, asked: dict[int, panel.Question] | None = None, status: int = 200) -> Response:
    """Show the branches' page; where a shared offer was asked about, the question stands beside it."""
    mine = queries.owned_by(db.session, account_id=current_user.account_id)
    group = queries.group(db.session, shop)
    inside = set(queries.member_ids(db.session, group.id)) if group else set()
    lines = queries.shared_of(db.session, shop_id=shop, account_id=current_user.account_id)
    there = {line.mine.offer.id for line in lines}
    local = [
        row
        for row in offers.offers_of(db.session, shop)
        if row.offer.state in ("on_sale", "paused") and row.offer.id not in there
    ]
    return page(
        "branches/shared.html",
        desk=shops.desk(db.session, account_id=current_user.account_id, shop_id=shop, locale=html_lang()),
        group=group,
        branches=[row for row in mine.values() if row.id in inside and row.id != shop],
        outside=[row for row in mine.values() if row.id not in inside and row.id != shop],
        lines=lines,
        local=local,
        same=rules.same,
        names={row.id: shops.shop_name(row, html_lang()) for row in mine.values()},
        asked=asked or {},
        status=status,
    )


@bp.post("/console/<int:shop>/shared/join")
@policy(owner_of("shop"))
def join(shop: int) -> Response:
    """Put another of the owner's shops into the group."""
    begin_write()
    rules.join(
        db.session,
        shop_id=shop,
        other_id=number("other"),
        account_id=current_user.account_id,
        now=clock.now(),
    )
    db.session.commit()
    toast(_("They belong together now. Share an offer below."))
    return see_other(f"/console/{shop}/shared")


@bp.post("/console/<int:shop>/shared/leave")
@policy(owner_of("shop"))
def leave(shop: int) -> Response:
    """Take this shop out of its group."""
    begin_write()
    rules.leave(db.session, shop_id=shop, now=clock.now())
    db.session.commit()
    toast(_("This shop stands on its own again. Its offers stay on sale."))
    return see_other(f"/console/{shop}/shared")


@bp.post("/console/<int:shop>/shared")
@policy(owner_of("shop"))
def share(shop: int) -> Response:
    """Publish an offer in other branches too; a second press finds them there."""
    chosen = [
        int(one)
        for one in request.form.getlist("branches")
        if one.isdecimal() and len(one) < 12 and 0 < int(one) < BIG
    ]
    if not chosen:
        sentence = N_("Choose at least one branch.")
        raise RuleBroken("no_branch", sentence, status=422, field="branches")
    account_id, offer_id = current_user.account_id, number("offer")
    begin_write()
    given = {"shop_id": shop, "offer_id": offer_id, "account_id": account_id}
    rules.share(db.session, with_ids=chosen, now=clock.now(), **given)
    deeds.note(db.session, offer=offer_id, branches=len(chosen))
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Shared. Each branch sells its own vouchers of it."))
    return see_other(f"/console/{shop}/shared")


@bp.post("/console/<int:shop>/shared/<int:shared_id>/carry")
@policy(owner_of("shop"))
def carry(shop: int, shared_id: int) -> Response:
    """Write this branch's terms into the others."""
    begin_write()
    given = {"shop_id": shop, "shared_id": shared_id, "account_id": current_user.account_id}
    changed = rules.carry(db.session, **given)
    deeds.note(db.session, changed=changed)
    db.session.commit()
    journal.deliver(db.session)
    toast(ngettext("%(num)d branch follows now.", "%(num)d branches follow now.", changed))
    return see_other(f"/console/{shop}/shared")


@bp.post("/console/<int:shop>/shared/<int:shared_id>/<what>")
@policy(owner_of("shop"))
def move(shop: int, shared_id: int, what: str) -> Response:
    """Pause, resume or end a shared offer everywhere; what is under cost sells only with the figure asked about."""
    begin_write()
    given = {"shop_id": shop, "shared_id": shared_id, "account_id": current_user.account_id}
    try:
        rules.move_all(db.session, what=what, known=request.form.get("known", ""), **given)
    except RuleBroken as refusal:
        if refusal.code != "under_cost":
            raise
        db.session.rollback()
        asked = panel.question(refusal.params["worst"], shops.founded(db.session).currency)
        return shared_page(shop, asked={shared_id: asked}, status=refusal.status)
    db.session.commit()
    journal.deliver(db.session)
    toast(_(SAID[what]))
    return see_other(f"/console/{shop}/shared")


@bp.post("/console/<int:shop>/shared/<int:shared_id>/local")
@policy(owner_of("shop"))
def local(shop: int, shared_id: int) -> Response:
    """Let this branch go its own way with the offer."""
    begin_write()
    given = {"shop_id": shop, "shared_id": shared_id, "account_id": current_user.account_id}
    rules.make_local(db.session, now=clock.now(), **given)
    db.session.commit()
    toast(_("It is this branch's own offer now."))
    return see_other(f"/console/{shop}/shared")


def number(name: str) -> int:
    """Read a posted number; what is none names nothing."""
    text = request.form.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 12 and int(text) < BIG else 0
