"""A shop's own sanctions: what it is told, from what evidence, until when it may object; owners object."""

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_login import current_user

from o2o.conduct import queries as record
from o2o.kernel import clock, journal
from o2o.kernel.access import manager_of, owner_of, policy
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import Refusal
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.sanctions import rules
from o2o.sanctions.forms import AppealForm, page_number
from o2o.sanctions.shown import sayings
from o2o.shops import queries as shops

bp = Blueprint("sanctions_console", __name__)


@bp.get("/console/<int:shop>/sanctions")
@policy(manager_of("shop"))
def sanctions(shop: int) -> Response:
    """List a shop's sanctions, the newest first."""
    return sanctions_page(shop, AppealForm(formdata=None), number=page_number())


@bp.post("/console/<int:shop>/sanctions/<int:sanction>/appeal")
@policy(owner_of("shop"))
def appeal(shop: int, sanction: int) -> Response:
    """Take an owner's objection, once."""
    form = AppealForm()
    given = {"shop_id": shop, "sanction_id": sanction, "by": current_user.account_id}
    begin_write()
    try:
        rules.appeal(db.session, words=form.words.data or "", now=clock.now(), **given)
    except Refusal as refusal:
        db.session.rollback()
        form.refused(refusal)
        return sanctions_page(shop, form, only=sanction, status=refusal.status)
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Sent. A person reads it; the answer comes to your inbox."))
    return see_other(f"/console/{shop}/sanctions#sanction-{sanction}")


def sanctions_page(
    shop: int, form: AppealForm, *, number: int = 1, only: int | None = None, status: int = 200
) -> Response:
    """Show a shop's sanctions; the objection that was refused keeps what was written."""
    rows, more = record.of_shop(db.session, shop_id=shop, number=number, every=False)
    return page(
        "sanctions/mine.html",
        desk=shops.desk(db.session, account_id=current_user.account_id, shop_id=shop, locale=html_lang()),
        rows=rows,
        number=number,
        next_url=f"/console/{shop}/sanctions?page={number + 1}" if more else None,
        form=form,
        only=only,
        status=status,
        **sayings(),
    )
