"""A person's own pages: the hub, passkeys, devices."""

from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask import Blueprint, Flask, Response, current_app, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.accounts import (
    ceremonies,
    first_door,
    kept,
    leave,
    login,
    my_data,
    passkeys,
    queries,
    recovery_pages,
    rules,
    sign_in,
)
from o2o.accounts.forms import LabelForm
from o2o.accounts.models import Passkey
from o2o.kernel import journal
from o2o.kernel.access import policy, signed_in
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import BadInput
from o2o.kernel.locales import choose_locale
from o2o.kernel.web import page, safe_next, see_other, toast
from o2o.kernel.words import N_

bp = Blueprint("accounts", __name__, url_prefix="/me")


def places() -> list[tuple[str, str, str, str]]:
    """Gather the lines that the rooms above add to the hub, in the visitor's language."""
    account_id, locale = current_user.account_id, choose_locale()
    found = [place for source in queries.SOURCES for place in source(db.session, account_id, locale)]
    return [
        (url, icon, _(text) % params, note and _(note) % params) for url, icon, text, note, params in found
    ]


@bp.get("")
@policy(signed_in)
def me() -> Response:
    """Show the hub: inbox, wallet, ways into the account, desks."""
    doors = queries.doors(db.session, account_id=current_user.account_id)
    return page("accounts/me.html", doors=doors, places=places(), unsaved=login.shown() is not None)


@bp.get("/passkeys")
@policy(signed_in)
def list_passkeys() -> Response:
    """List the visitor's passkeys."""
    rows = queries.passkeys_of(db.session, account_id=current_user.account_id)
    back = safe_next(request.args.get("next"), default="")
    return page("accounts/passkeys.html", rows=rows, form_of=label_form, back=back, tail=tail_of(back))


def tail_of(back: str) -> str:
    """Carry where somebody came from along in an address."""
    return "?" + urlencode({"next": back}) if back else ""


def label_form(passkey: Passkey) -> LabelForm:
    """Make the form that renames this passkey; its ids are its own on the page."""
    form = LabelForm(formdata=None, label=passkey.label)
    form.label.id = f"label-{passkey.id}"
    return form


@bp.post("/passkeys/options")
@policy(signed_in, fresh=5)
def passkey_options() -> Response:
    """Give the options for making one more passkey."""
    sign_in.limit("ceremony", 120)
    return ceremonies.offer("passkey")


@bp.post("/passkeys")
@policy(signed_in, fresh=5)
def add_passkey() -> Response:
    """Add a passkey to the visitor's account."""
    ceremonies.add_passkey()
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Your new passkey works from now on."))
    return ceremonies.go_to(safe_next(request.args.get("next"), default="/me/passkeys"))


@bp.post("/passkeys/<int:passkey_id>/name")
@policy(signed_in)
def rename_passkey(passkey_id: int) -> Response:
    """Rename a passkey."""
    form = LabelForm()
    if not form.validate():
        raise BadInput("bad_label", N_("A passkey's name has 1 to 60 characters."), status=422)
    begin_write()
    passkeys.rename(
        db.session, account_id=current_user.account_id, passkey_id=passkey_id, label=form.label.data
    )
    db.session.commit()
    return see_other("/me/passkeys")


@bp.post("/passkeys/<int:passkey_id>/remove")
@policy(signed_in, fresh=5)
def remove_passkey(passkey_id: int) -> Response:
    """Remove a passkey; one that is gone already was removed by the first tap."""
    begin_write()
    passkeys.remove(db.session, account_id=current_user.account_id, passkey_id=passkey_id)
    db.session.commit()
    toast(_("The passkey is removed. You may delete it on your phone too."))
    return see_other("/me/passkeys")


@bp.get("/sessions")
@policy(signed_in)
def sessions() -> Response:
    """List the devices that are signed in."""
    rows = queries.logins_of(db.session, account_id=current_user.account_id)
    return page("accounts/sessions.html", rows=rows, here=current_user.public_id)


@bp.post("/sessions/<login_id>/end")
@policy(signed_in)
def end_session(login_id: str) -> Response:
    """Sign one of the visitor's devices out; doing it twice changes nothing."""
    begin_write()
    if not rules.end_logins(db.session, account_id=current_user.account_id, only=login_id):
        queries.own_login(db.session, account_id=current_user.account_id, public_id=login_id)
    db.session.commit()
    toast(_("That device is signed out."))
    return see_other("/me/sessions")


@bp.post("/sessions/end-others")
@policy(signed_in)
def end_other_sessions() -> Response:
    """Sign all other devices out."""
    begin_write()
    rules.end_logins(db.session, account_id=current_user.account_id, but=current_user.public_id)
    db.session.commit()
    toast(_("All other devices are signed out."))
    return see_other("/me/sessions")


def day(moment: datetime) -> str:
    """Write a moment in the town's zone and the reader's language; scripts put the reader's own zone instead.

    Asks for the town by itself: an imported macro sees nothing of the page around it.
    """
    town = current_app.extensions["o2o.town"]()
    zone = ZoneInfo(town.timezone) if town else ZoneInfo("UTC")
    return format_datetime(moment, "medium", tzinfo=zone, locale=choose_locale())


def init_app(app: Flask) -> None:
    """Wire sign-in and the blueprints of the room's other pages."""
    app.add_template_filter(day)
    login.init_login(app)
    kept.init_kept(app)
    for other in (sign_in.bp, first_door.bp, recovery_pages.bp, leave.bp, my_data.bp):
        app.register_blueprint(other)
