"""The guest's side: which shops know them and what these wrote down, staying in touch, and who looked."""

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_login import current_user

from o2o.guests import queries, rules
from o2o.guests.forms import TouchForm, page_number
from o2o.guests.show import knowing, looks
from o2o.kernel import clock
from o2o.kernel.access import policy, signed_in
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import Refusal
from o2o.kernel.web import page, see_other, toast
from o2o.shops import queries as shops

bp = Blueprint("guests", __name__)


@bp.get("/me/looks")
@policy(signed_in)
def my_looks() -> Response:
    """List who looked at the visitor's passes, and at what shops keep of them."""
    zone = shops.founded(db.session).zone
    found = looks(db.session, current_user.account_id, zone)
    return page("guests/looks.html", looks=found, most=queries.LOOKS)


@bp.get("/me/shops")
@policy(signed_in)
def my_shops() -> Response:
    """List the shops that know the visitor."""
    return shops_page(page_number())


@bp.post("/me/shops/<int:shop_id>/touch")
@policy(signed_in)
def touch(shop_id: int) -> Response:
    """Stay in touch with a shop, or no more."""
    form, account_id = TouchForm(), current_user.account_id
    wants = form.wants()
    begin_write()
    try:
        if wants:
            contact = form.contact.data or ""
            rules.agree(db.session, account_id=account_id, shop_id=shop_id, contact=contact, now=clock.now())
        else:
            rules.withdraw(db.session, account_id=account_id, shop_id=shop_id)
    except Refusal as refusal:
        db.session.rollback()
        form.refused(refusal)
        return shops_page(1, refused=(shop_id, form), status=refusal.status)
    db.session.commit()
    toast(
        _("You stay in touch. You can end this here any time.")
        if wants
        else _("Ended. The shop has lost your contact.")
    )
    return see_other(f"/me/shops#shop-{shop_id}")


@bp.post("/me/shops/<int:shop_id>/notes/<int:note>/drop")
@policy(signed_in)
def drop_my_note(shop_id: int, note: int) -> Response:
    """Delete a note that a shop made about the visitor."""
    begin_write()
    rules.drop_own_note(db.session, account_id=current_user.account_id, shop_id=shop_id, note_id=note)
    db.session.commit()
    toast(_("Deleted."))
    return see_other(f"/me/shops#shop-{shop_id}")


@bp.post("/me/shops/<int:shop_id>/forget")
@policy(signed_in)
def forget(shop_id: int) -> Response:
    """Have a shop forget its notes and the contact."""
    begin_write()
    rules.forget(db.session, account_id=current_user.account_id, shop_id=shop_id)
    db.session.commit()
    toast(_("The shop has forgotten its notes and your contact."))
    return see_other(f"/me/shops#shop-{shop_id}")


def shops_page(number: int, *, refused: tuple[int, TouchForm] | None = None, status: int = 200) -> Response:
    """Show the list; a contact that was refused stays in its field."""
    town = shops.founded(db.session)
    known, more = queries.knowing(db.session, current_user.account_id, number=number)
    return page(
        "guests/shops.html",
        rows=[knowing(one, town) for one in known],
        number=number,
        more=more,
        refused_shop=refused[0] if refused else None,
        form=refused[1] if refused else None,
        status=status,
    )
