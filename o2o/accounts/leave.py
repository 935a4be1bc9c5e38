"""Take one's data along, or leave for good."""

import orjson
from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_login import current_user

from o2o.accounts import login, registry, sweeping
from o2o.accounts.forms import EraseForm
from o2o.kernel import journal, refill
from o2o.kernel.access import policy, signed_in
from o2o.kernel.db import begin_write, db
from o2o.kernel.web import page, see_other, toast

bp = Blueprint("leave", __name__, url_prefix="/me")


@bp.get("/export")
@policy(signed_in)
def export() -> Response:
    """Give the visitor everything the town keeps about them, as one JSON file."""
    rows = registry.export(db.session, account_id=current_user.account_id)
    response = Response(orjson.dumps(rows, option=orjson.OPT_INDENT_2), mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/erase")
@policy(signed_in)
def erase() -> Response:
    """Say what erasing means, and what would be lost."""
    return show(EraseForm(refill.typed()))


@bp.post("/erase")
@policy(signed_in, fresh=5, refill="leave.erase")
def do_erase() -> Response:
    """Erase the visitor's account and sign all its devices out."""
    form = EraseForm()
    if not form.validate():
        return show(form, status=422)
    begin_write()
    registry.erase(db.session, account_id=current_user.account_id)
    db.session.commit()
    journal.deliver(db.session)
    sweeping.sweep(db.session)
    login.forget()
    toast(_("Your account is erased."))
    response = see_other("/")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def show(form: EraseForm, *, status: int = 200) -> Response:
    """Render the page with its warnings."""
    lost = registry.alive(db.session, account_id=current_user.account_id)
    return page(
        "accounts/erase.html", status=status, form=form, lost=[_(text) % {"num": num} for text, num in lost]
    )
