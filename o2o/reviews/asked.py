"""What is asked beside a pass: "as advertised?", and a line for the shop alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_login import current_user

from o2o.kernel import clock, journal
from o2o.kernel.access import policy, signed_in
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import Refusal
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.reviews import queries, rules
from o2o.reviews.forms import AnswerForm, LineForm, SaidForm, damaged
from o2o.reviews.queries import Proof
from o2o.shops import queries as shops

bp = Blueprint("asked", __name__)


@bp.post("/answers")
@policy(signed_in)
def answer() -> Response:
    """Keep a yes or no."""
    form, account_id = AnswerForm(), current_user.account_id
    if not form.redemption.data or form.kept.data not in ("yes", "no"):
        raise damaged()
    proof = queries.proof(db.session, account_id=account_id, redemption_id=form.redemption.data)
    if form.validate():
        begin_write()
        with refusals(form):
            said = {"redemption_id": proof.id, "missing": form.text.data}
            is_kept = form.kept.data == "yes"
            rules.answer(db.session, account_id=account_id, is_kept=is_kept, **said, now=clock.now())
    if form.errors:
        return form_page("reviews/answer.html", form, proof)
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Thank you for telling."))
    return see_other(f"/passes/{proof.pass_id}")


@bp.post("/lines")
@policy(signed_in)
def say() -> Response:
    """Keep a private line; nobody but the shop reads it."""
    form, account_id = LineForm(), current_user.account_id
    named: dict[str, Any] = form.proof()
    proof, key = queries.proof(db.session, account_id=account_id, **named), form.press()
    if form.validate():
        begin_write()
        with refusals(form):
            said = {"account_id": account_id, "text": form.text.data, "key": key, **named}
            rules.say(db.session, **said, now=clock.now())
    if form.errors:
        return form_page("reviews/line.html", form, proof)
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Sent. Only the shop reads it."))
    return see_other(f"/passes/{proof.pass_id}" if proof.pass_id else f"/visits/{proof.id}")


@contextmanager
def refusals(form: SaidForm) -> Iterator[None]:
    """Put what a rule refuses beside the field that it names, with its status; what names none is raised again."""
    try:
        yield
    except Refusal as refusal:
        db.session.rollback()
        form.refused(refusal)
        form.status = refusal.status


def form_page(template: str, form: SaidForm, proof: Proof) -> Response:
    """Show a form on a page of its own, with what was wrong and what was typed."""
    name = shops.shop_name(proof.shop, html_lang())
    return page(template, block="form", status=form.status, form=form, proof=proof, name=name)
