"""What the town knows of a person and what they agreed to, in plain words."""

from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.accounts import known as words
from o2o.accounts import queries, registry, rules
from o2o.accounts.consent import PURPOSES
from o2o.kernel.access import policy, signed_in
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import BadInput
from o2o.kernel.web import page, safe_next, see_other, toast
from o2o.kernel.words import N_

bp = Blueprint("my_data", __name__, url_prefix="/me")


@bp.get("/data")
@policy(signed_in)
def known() -> Response:
    """Say what the town knows of the visitor, with numbers, and what it does not."""
    counts = registry.counts(db.session, account_id=current_user.account_id)
    rows = [(line, sum(counts.get(name, 0) for name in line.tables)) for line in words.KNOWN]
    return page("accounts/data.html", rows=[(line, number) for line, number in rows if number])


@bp.get("/consents")
@policy(signed_in)
def consents() -> Response:
    """List the purposes with their switch and their history."""
    rows = queries.consents_of(db.session, account_id=current_user.account_id)
    history: dict[str, list[Any]] = {purpose: [] for purpose in PURPOSES}
    for row in rows:
        history.setdefault(row.purpose, []).append(row)
    live = {row.purpose for row in rows if row.withdrawn_at is None}
    return page("accounts/consents.html", purposes=PURPOSES, history=history, live=live)


@bp.post("/consents")
@policy(signed_in)
def set_consent() -> Response:
    """Give or take back one consent; the same tap again changes nothing."""
    answer = request.form.get("on", "")
    if answer not in ("0", "1"):
        raise BadInput("bad_answer", N_("This form is damaged. Please reload the page and try again."))
    change = rules.give_consent if answer == "1" else rules.withdraw_consent
    begin_write()
    change(db.session, account_id=current_user.account_id, purpose=request.form.get("purpose", ""))
    db.session.commit()
    toast(_("Agreed. You can take it back here any time.") if answer == "1" else _("Taken back."))
    return see_other(safe_next(request.form.get("next"), "/me/consents"))
