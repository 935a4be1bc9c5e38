"""What a person at the platform decides: strikes that are disputed, uses that are held."""

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_login import current_user

from o2o.conflicts import queries, rules, strikes
from o2o.conflicts.forms import DecideForm, JudgeForm, page_number
from o2o.conflicts.shown import sayings
from o2o.conflicts.story import tell
from o2o.kernel import clock, journal
from o2o.kernel.access import operator, policy
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import Refusal
from o2o.kernel.web import page, see_other, toast

bp = Blueprint("conflicts_operator", __name__, url_prefix="/operator")


@bp.get("/strikes")
@policy(operator)
def all_strikes() -> Response:
    """List the strikes, disputed ones first."""
    return strikes_page(JudgeForm(formdata=None), number=page_number())


@bp.post("/strikes/<int:strike>/judge")
@policy(operator)
def judge(strike: int) -> Response:
    """Uphold or lift a strike, with a reason that its holder reads."""
    form = JudgeForm()
    begin_write()
    try:
        strikes.judge_strike(
            db.session,
            strike_id=strike,
            by=current_user.account_id,
            uphold=form.uphold(),
            why=form.why.data or "",
            now=clock.now(),
        )
    except Refusal as refusal:
        db.session.rollback()
        form.refused(refusal)
        return strikes_page(form, only=strike, status=refusal.status)
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Decided. The holder is told."))
    return see_other("/operator/strikes")


@bp.get("/held")
@policy(operator)
def held() -> Response:
    """List what a person must decide, the oldest first, with its evidence."""
    number = page_number()
    rows, more = queries.waiting(db.session, number=number)
    return page(
        "conflicts/held.html",
        rows=rows,
        moments=tell(db.session, {row.conflict.pass_id for row in rows}),
        number=number,
        next_url=f"/operator/held?page={number + 1}" if more else None,
        waiting=queries.counts(db.session),
        **sayings(),
    )


@bp.post("/held/<conflict_id>/decide")
@policy(operator)
def decide(conflict_id: str) -> Response:
    """Pay the shop, or give the use back."""
    pay = DecideForm().pay()
    begin_write()
    rules.decide(db.session, conflict_id=conflict_id, by=current_user.account_id, pay=pay, now=clock.now())
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Decided."))
    return see_other("/operator/held")


def strikes_page(form: JudgeForm, *, number: int = 1, only: int | None = None, status: int = 200) -> Response:
    """Show the strikes; the one that was refused keeps what was written."""
    rows, more = queries.strikes(db.session, number=number, only=only)
    return page(
        "conflicts/strikes.html",
        rows=rows,
        moments=tell(db.session, {row.conflict.pass_id for row in rows}),
        number=number,
        next_url=f"/operator/strikes?page={number + 1}" if more else None,
        form=form,
        only=only,
        status=status,
        **sayings(),
    )
