"""The owner's desk: the shop's own words and hours, and who works there."""

from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.kernel import deeds, journal, refill
from o2o.kernel.access import owner_of, policy, preparer_of, staff_of
from o2o.kernel.calendar import weekday_span
from o2o.kernel.db import begin_write, db, new_id
from o2o.kernel.errors import RuleBroken
from o2o.kernel.forms import UNSEEN, once, posted_key, remember
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.shops import queries, rules, said
from o2o.shops.forms import InviteForm, ShopForm, week_values
from o2o.shops.links import fresh_link, keep_link, link_qr
from o2o.shops.queries import Desk
from o2o.shops.said import Reply

bp = Blueprint("shops_console", __name__)
FRESH = 5  # minutes since the last sign-in, for whatever gives or takes power


@bp.get("/console/<int:shop>/shop")
@policy(preparer_of("shop"))
def edit(shop: int) -> Response:
    """Show what the shop says about itself, or what its claimant wishes it to say, ready to be changed."""
    desk = desk_of(shop)
    wished = queries.prepared(db.session, shop_id=shop, account_id=current_user.account_id)
    said = SimpleNamespace(
        version=desk.shop.version, **{name: getattr(desk.shop, name) for name in rules.EDITABLE}
    )
    vars(said).update(wished)
    form = ShopForm(obj=said, data=week_values(said.hours))
    return shop_page(desk, form)


@bp.post("/console/<int:shop>/shop")
@policy(preparer_of("shop"))
def save(shop: int) -> Response:
    """Save the shop, unless somebody else did meanwhile."""
    form = ShopForm()
    if not form.validate_on_submit():
        return shop_page(desk_of(shop), form, status=422)
    owner, key, content = whose(), posted_key(), {"shop": shop, **form.data}
    begin_write()
    if once(db.session, owner, key, content) is None:
        try:
            write(shop, form)
        except RuleBroken as refusal:
            db.session.rollback()
            return refused(shop, form, refusal)
        remember(db.session, owner, key, content, f"/console/{shop}/shop")
        db.session.commit()
    journal.deliver(db.session)
    toast(
        _("Kept. Guests see it once you are admitted.")
        if desk_of(shop).is_claimant
        else _("Saved. Guests see it now.")
    )
    return see_other(f"/console/{shop}/shop")


@bp.post("/console/<int:shop>/shop/hours")
@policy(preparer_of("shop"))
def hear(shop: int) -> Response:
    """Fill the week with hours in the owner's own words, to be looked at; nothing is stored."""
    form = ShopForm()
    reply = said.answer(form)
    return shop_page(desk_of(shop), form, status=200 if reply else 422, reply=reply)


def write(shop: int, form: ShopForm) -> None:
    """Change the shop, or keep the wish of who claims it."""
    if desk_of(shop).is_claimant:
        rules.prepare_shop(db.session, shop_id=shop, account_id=current_user.account_id, **form.values())
    else:
        rules.edit_shop(db.session, shop_id=shop, version=form.seen(), **form.values())


@bp.get("/console/<int:shop>/staff")
@policy(owner_of("shop"), fresh=FRESH)
def staff(shop: int) -> Response:
    """List who works here and whom an invitation waits for; a fresh invitation's link is shown once."""
    return staff_page(shop, InviteForm(refill.typed()))


@bp.post("/console/<int:shop>/staff/invites")
@policy(owner_of("shop"), fresh=FRESH, refill="shops_console.staff")
def invite(shop: int) -> Response:
    """Make an invitation; its link travels to the next page in the signed cookie and is forgotten there."""
    form = InviteForm().offer_choices()
    if not form.validate_on_submit():
        return staff_page(shop, form, status=422)
    owner, key, content = whose(), posted_key(), {"shop": shop, **form.data}
    begin_write()
    if once(db.session, owner, key, content) is None:
        token = rules.invite(db.session, shop_id=shop, kind=form.kind.data, name=form.name.data or "")
        remember(db.session, owner, key, content, f"/console/{shop}/staff")
        db.session.commit()
        keep_link(shop, token)
    return see_other(f"/console/{shop}/staff")


@bp.post("/console/<int:shop>/staff/invites/<int:invite>/withdraw")
@policy(owner_of("shop"), fresh=FRESH)
def withdraw(shop: int, invite: int) -> Response:
    """Make an invitation useless."""
    begin_write()
    rules.withdraw_invite(db.session, shop_id=shop, invite_id=invite)
    db.session.commit()
    toast(_("The invitation is withdrawn."))
    return see_other(f"/console/{shop}/staff")


@bp.post("/console/<int:shop>/staff/<int:role>/change")
@policy(owner_of("shop"), fresh=FRESH)
def change(shop: int, role: int) -> Response:
    """Make a person staff, manager or owner; the new role counts with their next tap."""
    begin_write()
    kind = rules.change_role(db.session, shop_id=shop, role_id=role, kind=request.form.get("kind", "")).kind
    deeds.note(db.session, to=kind)
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Changed. It counts at once."))
    return see_other(f"/console/{shop}/staff")


@bp.post("/console/<int:shop>/staff/<int:role>/name")
@policy(owner_of("shop"))
def call(shop: int, role: int) -> Response:
    """Call a person by a name at the till, on the desk and in the log."""
    name = UNSEEN.sub("", request.form.get("name", ""))
    begin_write()
    rules.name_person(db.session, shop_id=shop, role_id=role, name=name)
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Saved."))
    return see_other(f"/console/{shop}/staff")


@bp.post("/console/<int:shop>/quit")
@policy(staff_of("shop"))
def leave_work(shop: int) -> Response:
    """End one's own work here."""
    begin_write()
    rules.quit_shop(db.session, shop_id=shop, account_id=current_user.account_id)
    db.session.commit()
    journal.deliver(db.session)
    toast(_("You no longer work there."))
    return see_other("/me")


@bp.post("/console/<int:shop>/staff/<int:role>/end")
@policy(owner_of("shop"), fresh=FRESH)
def end(shop: int, role: int) -> Response:
    """End a person's work here."""
    begin_write()
    rules.end_role(db.session, shop_id=shop, role_id=role)
    db.session.commit()
    journal.deliver(db.session)
    toast(_("They no longer work here."))
    return see_other(f"/console/{shop}/staff")


def desk_of(shop_id: int) -> Desk:
    """Return the visitor's desk at a shop."""
    return queries.desk(db.session, account_id=current_user.account_id, shop_id=shop_id, locale=html_lang())


def whose() -> str:
    """Name whose posts these are, for their keys."""
    return f"account:{current_user.account_id}"


def shop_page(
    desk: Desk, form: ShopForm, *, status: int = 200, theirs: Any = None, reply: Reply | None = None
) -> Response:
    """Show the form; `theirs` holds what somebody else saved meanwhile, `reply` what was made of spoken hours."""
    form.offer_choices(html_lang())
    weekdays = [weekday_span(1 << day, html_lang()) for day in range(7)]
    shown: dict[str, Any] = {
        "desk": desk,
        "form": form,
        "weekdays": weekdays,
        "theirs": theirs or [],
        "reply": reply,
    }
    return page("shops/edit.html", block="hours", **shown, status=status)


def refused(shop_id: int, form: ShopForm, refusal: RuleBroken) -> Response:
    """Show the form again with what was typed, and what stands now where somebody else was faster."""
    desk = desk_of(shop_id)
    if refusal.code != "edited":
        form.refused(refusal)
        return shop_page(desk, form, status=refusal.status)
    form.version.data = str(desk.shop.version)
    form.idempotency_key.data = new_id()
    mine = form.values()
    theirs = [
        (label_of(form, name), getattr(desk.shop, name), value)
        for name, value in mine.items()
        if (getattr(desk.shop, name) or None) != (value or None)
    ]
    return shop_page(desk, form, status=409, theirs=theirs)


def label_of(form: ShopForm, name: str) -> str:
    """Give the label of one of the shop's values."""
    return str(form.hours_kind.label.text if name == "hours" else form[name].label.text)


def staff_page(shop_id: int, form: InviteForm, *, status: int = 200) -> Response:
    """Show the people, the open invitations and, once, a fresh link."""
    link = fresh_link(shop_id)
    return page(
        "shops/staff.html",
        desk=desk_of(shop_id),
        form=form.offer_choices(),
        members=queries.members(db.session, shop_id),
        invites=queries.open_invites(db.session, shop_id),
        link=link,
        qr=link_qr(link),
        status=status,
    )
