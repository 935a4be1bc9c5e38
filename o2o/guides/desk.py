"""The page on which the operator changes one guide."""

from flask import Response, request
from flask_babel import gettext as _

from o2o.guides import queries
from o2o.guides.forms import FindForm, GuideForm, StopForm
from o2o.guides.rules import Texts
from o2o.kernel.db import db
from o2o.kernel.errors import RuleBroken
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page
from o2o.places import categories
from o2o.shops import queries as shops

FOUND = 12  # shops that a search offers to add


def edit_page(
    guide_id: int,
    *,
    form: GuideForm | None = None,
    stop: tuple[int, StopForm] | None = None,
    refusal: RuleBroken | None = None,
    status: int = 200,
) -> Response:
    """Show everything about one guide; `form` or `stop` keeps what was typed and not taken."""
    row = queries.guide(db.session, guide_id)
    find = FindForm(request.args)
    text = (find.q.data or "") if find.validate() else ""
    texts = form or GuideForm(formdata=None, data={name: getattr(row, name) for name in Texts._fields})
    texts.version.data = str(row.version)
    return page(
        "guides/edit.html",
        guide=row,
        heading=queries.title(row, html_lang()),
        form=texts,
        find=find,
        text=text,
        found=shops.search_listings(db.session, text=text, offset=0, most=FOUND) if text else [],
        stop=stop,
        places=queries.stops(db.session, guide_id),
        said=_(refusal.sentence) % refusal.params if refusal else "",
        category_name=category_name,
        status=status,
    )


def category_name(key: str) -> str:
    """Say a category in the reader's language."""
    return categories.category(key).name(html_lang())
