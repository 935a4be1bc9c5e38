"""The holder's strikes, and the public page of who bears what when phones were offline."""

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_login import current_user

from o2o.conflicts import policy as written
from o2o.conflicts import queries, strikes
from o2o.conflicts.forms import DisputeForm, page_number
from o2o.conflicts.shown import sayings
from o2o.conflicts.story import tell
from o2o.kernel import clock, journal
from o2o.kernel.access import policy, public, signed_in
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import Refusal
from o2o.kernel.locales import choose_locale
from o2o.kernel.money import format_money
from o2o.kernel.web import page, see_other, toast
from o2o.shops import queries as shops

bp = Blueprint("conflicts", __name__)


@bp.get("/me/strikes")
@policy(signed_in)
def mine() -> Response:
    """Show the visitor's strikes with their evidence, and what they can do."""
    return mine_page(DisputeForm(formdata=None), number=page_number())


@bp.post("/me/strikes/<int:strike_id>/dispute")
@policy(signed_in)
def dispute(strike_id: int) -> Response:
    """Take the holder's words, once."""
    form = DisputeForm()
    begin_write()
    given = {"strike_id": strike_id, "account_id": current_user.account_id, "now": clock.now()}
    try:
        strikes.dispute(db.session, said=form.said.data or "", **given)
    except Refusal as refusal:
        db.session.rollback()
        form.refused(refusal)
        return mine_page(form, only=strike_id, status=refusal.status)
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Sent. A person reads it; the answer comes to your inbox."))
    return see_other(f"/me/strikes#strike-{strike_id}")


@bp.get("/about/offline")
@policy(public)
def rule() -> Response:
    """Show the written rule, from the rows that the program itself follows."""
    town = shops.town(db.session)
    currency = town.currency if town else "CNY"
    return page(
        "conflicts/rule.html",
        cache="page",
        rules=written.RULES,
        bearers=written.BEARERS,
        cap=format_money(written.COVER_CAP, currency, choose_locale()),
        covers=written.COVERS_PER_SHOP,
        days=written.COVER_DAYS,
    )


def mine_page(form: DisputeForm, *, number: int = 1, only: int | None = None, status: int = 200) -> Response:
    """Show one's strikes; the one that was refused keeps what was written."""
    rows, more = queries.strikes(db.session, number=number, account_id=current_user.account_id, only=only)
    return page(
        "conflicts/mine.html",
        rows=rows,
        moments=tell(db.session, {row.conflict.pass_id for row in rows}),
        number=number,
        next_url=f"/me/strikes?page={number + 1}" if more else None,
        form=form,
        only=only,
        status=status,
        **sayings(),
    )
