"""The owner's list of conflicts, and one page each: what happened, how we know, who bears it."""

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.conflicts import queries, rules
from o2o.conflicts.forms import page_number
from o2o.conflicts.shown import sayings
from o2o.conflicts.story import tell
from o2o.kernel import clock
from o2o.kernel.access import owner_of, policy
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import BadInput
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.kernel.words import N_
from o2o.shops import queries as shops

bp = Blueprint("conflicts_console", __name__)


@bp.get("/console/<int:shop>/conflicts")
@policy(owner_of("shop"))
def conflicts(shop: int) -> Response:
    """List a shop's conflicts, the newest first."""
    show, number = request.args.get("show", "all"), page_number()
    if show not in queries.SHOWS:
        raise BadInput("bad_filter", N_("Choose all, open or settled."))
    rows, more = queries.listed(db.session, shop_id=shop, show=show, number=number)
    return page(
        "conflicts/list.html",
        block="more" if number > 1 else None,
        desk=shops.desk(db.session, account_id=current_user.account_id, shop_id=shop, locale=html_lang()),
        rows=rows,
        show=show,
        number=number,
        next_url=f"/console/{shop}/conflicts?show={show}&page={number + 1}" if more else None,
        **sayings(),
    )


@bp.get("/console/<int:shop>/conflicts/<conflict_id>")
@policy(owner_of("shop"))
def conflict(shop: int, conflict_id: str) -> Response:
    """Show one conflict with its time line and its codes."""
    found = queries.one(db.session, shop_id=shop, conflict_id=conflict_id)
    moments = tell(db.session, [found.conflict.pass_id])
    return page(
        "conflicts/conflict.html",
        desk=shops.desk(db.session, account_id=current_user.account_id, shop_id=shop, locale=html_lang()),
        found=found,
        moments=moments[found.conflict.pass_id],
        **sayings(),
    )


@bp.post("/console/<int:shop>/conflicts/<conflict_id>/seen")
@policy(owner_of("shop"))
def seen(shop: int, conflict_id: str) -> Response:
    """Note that an owner has seen it."""
    begin_write()
    rules.see(db.session, shop_id=shop, conflict_id=conflict_id, now=clock.now())
    db.session.commit()
    toast(_("Noted."))
    return see_other(f"/console/{shop}/conflicts")
