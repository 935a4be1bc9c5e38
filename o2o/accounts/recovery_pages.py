"""Recovery: ten codes, the recovery key, and the page that shows either of them once."""

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from o2o.accounts import keys, login, queries, recovery
from o2o.accounts.forms import NonceForm, SavedForm
from o2o.accounts.qr import text_qr
from o2o.kernel import journal
from o2o.kernel.access import policy, signed_in
from o2o.kernel.db import begin_write, db
from o2o.kernel.plumbing import shell_values
from o2o.kernel.tokens import grouped
from o2o.kernel.web import page, see_other, toast

bp = Blueprint("recovery", __name__, url_prefix="/me/recovery")


@bp.get("")
@policy(signed_in)
def overview() -> Response:
    """Say which ways back into the account there are."""
    account_id = current_user.account_id
    doors = queries.doors(db.session, account_id=account_id)
    made_at = queries.key_made_at(db.session, account_id=account_id)
    return page("accounts/recovery.html", doors=doors, made_at=made_at, start=NonceForm(formdata=None))


@bp.post("/key")
@policy(signed_in, fresh=5)
def new_key() -> Response:
    """Make a recovery key in place of the one before."""
    nonce = NonceForm().checked()
    begin_write()
    recovery.replace_key(
        db.session, account_id=current_user.account_id, key=keys.recovery_key(login.secret(), nonce)
    )
    db.session.commit()
    journal.deliver(db.session)
    return see_other(login.show_once("key", nonce, "/me/recovery"))


@bp.post("/codes")
@policy(signed_in, fresh=5)
def new_codes() -> Response:
    """Make ten single-use codes in place of the ones before."""
    nonce = NonceForm().checked()
    begin_write()
    recovery.replace_codes(
        db.session, account_id=current_user.account_id, codes=keys.recovery_codes(login.secret(), nonce)
    )
    db.session.commit()
    return see_other(login.show_once("codes", nonce, "/me/recovery"))


@bp.get("/saved")
@policy(signed_in)
def saved() -> AnyResponse:
    """Show a new key or new codes until the person says they are saved."""
    return show(SavedForm(formdata=None)) if login.shown() else see_other("/me/recovery")


@bp.get("/saved.txt")
@policy(signed_in)
def saved_file() -> AnyResponse:
    """Give the new key or codes as a file to keep."""
    shown = login.shown()
    if not shown:
        return see_other("/me/recovery")
    lines = [shell_values()["site_name"], *map(grouped, texts(shown)), ""]
    response = Response("\n".join(lines), mimetype="text/plain")
    response.headers["Content-Disposition"] = 'attachment; filename="recovery.txt"'
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/saved")
@policy(signed_in)
def confirm_saved() -> AnyResponse:
    """Stop showing the key or the codes: the person has put them away."""
    form = SavedForm()
    shown = login.shown()
    if not shown:
        return see_other("/me")
    if not form.validate():
        return show(form, status=422)
    login.stop_showing()
    toast(_("Good. Keep it where only you can find it."))
    return see_other(shown["next"])


def show(form: SavedForm, *, status: int = 200) -> Response:
    """Render what is to be saved; no cache may keep it."""
    shown = login.shown() or {}
    spelled = [grouped(text) for text in texts(shown)]
    drawn = text_qr(spelled[0]) if shown["kind"] == "key" else None
    response = page(
        "accounts/saved.html", status=status, form=form, kind=shown["kind"], texts=spelled, qr=drawn
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def texts(shown: dict[str, str]) -> list[str]:
    """Derive the key or the codes again from the form that made them."""
    if shown["kind"] == "key":
        return [keys.recovery_key(login.secret(), shown["nonce"])]
    return keys.recovery_codes(login.secret(), shown["nonce"])
