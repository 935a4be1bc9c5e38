"""Where a guest's phone registers its key, before it buys."""

from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.holders import queries, rules
from o2o.kernel import clock
from o2o.kernel.access import policy, signed_in
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import Refusal
from o2o.kernel.web import problem

bp = Blueprint("holders", __name__)


@bp.post("/me/device")
@policy(signed_in)
def register() -> Response:
    """Take the public half of this phone's key; the same again writes nothing."""
    said: Any = request.get_json(silent=True)
    said = said if isinstance(said, dict) else {}
    try:
        x, y = rules.checked(said.get("x"), said.get("y"))
        device = queries.of_login(db.session, current_user.public_id)
        if device is None or (device.x, device.y) != (x, y):
            given = {"account_id": current_user.account_id, "public_id": current_user.public_id}
            begin_write()
            device = rules.register(db.session, **given, x=x, y=y, now=clock.now())
            db.session.commit()
    except Refusal as refusal:
        db.session.rollback()
        return problem(refusal.status, refusal.code, _(refusal.sentence))
    response = jsonify({"device": device.id})
    response.headers["X-O2O-Cache"] = "none"
    return response
