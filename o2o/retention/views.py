"""How long anything is kept, for everybody to read."""

from datetime import datetime, timedelta

from flask import Blueprint, Flask, Response
from flask_login import current_user

from o2o.kernel import clock
from o2o.kernel.access import policy, public
from o2o.kernel.db import db
from o2o.kernel.web import page
from o2o.retention import queries
from o2o.retention.clocks import KEPT

bp = Blueprint("retention", __name__)
# Counting reads whole tables: everybody within so long sees the same count.
FRESH = timedelta(minutes=10)
_counted: dict[str, tuple[datetime, list[queries.Due]]] = {}


@bp.get("/about/retention")
@policy(public)
def clocks() -> Response:
    """Show the clocks with what is over today; to the operator also the age of the oldest row."""
    is_operator = current_user.is_authenticated and current_user.is_operator
    return page("retention/clocks.html", rows=counted(), kept=KEPT, is_operator=is_operator)


def counted() -> list[queries.Due]:
    """Count once in a while."""
    now, place = clock.now(), str(db.engine.url)
    known = _counted.get(place)
    if known is None or not now - FRESH < known[0] <= now:
        known = _counted[place] = now, queries.counted(db.session, now)
    return known[1]


def init_app(app: Flask) -> None:
    """Let tests forget the count."""
    app.extensions.setdefault("o2o.caches", []).append(_counted.clear)
