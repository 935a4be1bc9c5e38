"""Which pages the operator has written, and which still show the house's default."""

from flask import Blueprint, Response
from flask_babel import gettext as _

from o2o.kernel.access import operator, policy
from o2o.kernel.web import page
from o2o.pages import source
from o2o.pages.views import folder

bp = Blueprint("pages_operator", __name__)


@bp.get("/operator/pages")
@policy(operator)
def pages() -> Response:
    """List the pages with the languages they are written in, and the files that cannot be shown."""
    own = source.written(folder())
    rows = [(url, _(title), name, own[name]) for name, (url, title) in source.PAGES.items()]
    return page("pages/operator.html", block="list", rows=rows, faults=source.faults(folder()))
