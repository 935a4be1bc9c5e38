"""The operator reads what was done in every shop's and the platform's name."""

from flask import Blueprint, Response

from o2o.acts import queries
from o2o.acts.show import lines, searched, wanted
from o2o.kernel.access import operator, policy
from o2o.kernel.db import db
from o2o.kernel.web import page
from o2o.shops import queries as shops

bp = Blueprint("acts_operator", __name__)


@bp.get("/operator/acts")
@policy(operator)
def acts() -> Response:
    """List every act, the newest first."""
    search, zone = searched(), shops.founded(db.session).zone
    rows, before = queries.acts(db.session, wanted(db.session, search, zone))
    return page(
        "acts/acts.html",
        block="results",
        desk=None,
        here="/operator/acts",
        search=search,
        lines=lines(db.session, rows, zone, platform=True),
        before=before,
    )
