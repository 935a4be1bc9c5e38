"""The public keys, for tills and for anybody who wants to verify a pass."""

import hashlib

import orjson
from flask import Blueprint, Response, request

from o2o.issuer import queries
from o2o.kernel import clock
from o2o.kernel.access import policy, public
from o2o.kernel.db import db

bp = Blueprint("issuer", __name__)


@bp.get("/till/keys")
@policy(public)
def keys() -> Response:
    """Answer every key's number, public point, state and first signing instant (ms), and what time it is here."""
    now = clock.now()
    rows = queries.key_rows(db.session)
    states = queries.states(rows, now)
    lines = [
        {
            "kid": row.kid,
            "x": row.x,
            "y": row.y,
            "state": states[row.kid],
            "signs_from": clock.millis(row.signs_from),
        }
        for row in rows
    ]
    body = {"now": clock.millis(now), "keys": lines}
    response = Response(orjson.dumps(body), mimetype="application/json")
    # Weak, and of the keys alone: two answers that differ in nothing but the clock are the same to a till.
    response.set_etag(hashlib.sha256(orjson.dumps(lines)).hexdigest()[:16], weak=True)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-O2O-Cache"] = "none"
    response.make_conditional(request)
    return response
