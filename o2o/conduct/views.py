"""The public page of the rules of conduct: what is asked, what follows, how often it did."""

from flask import Blueprint, Response

from o2o.conduct import queries
from o2o.conduct import rules as written
from o2o.kernel.access import policy, public
from o2o.kernel.db import db
from o2o.kernel.web import page

bp = Blueprint("conduct", __name__)


@bp.get("/about/conduct")
@policy(public)
def conduct() -> Response:
    """Show the rules of conduct, from the rows that the program itself follows, with the counts of each step."""
    return page(
        "conduct/rules.html",
        cache="page",
        rules=written.RULES,
        ladder=written.LADDER,
        steps={step.key: step for step in written.LADDER},
        counts={row.step: row for row in queries.counts(db.session)},
        appeal=written.APPEAL.days,
        decide=written.DECIDE.days,
    )
