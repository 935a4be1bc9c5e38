"""The operator's desk of sanctions: the list, the step against one shop, the decision on an appeal."""

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.conduct import queries as record
from o2o.conduct import rules as conduct
from o2o.kernel import clock, journal
from o2o.kernel.access import operator, policy
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import BadInput, Refusal
from o2o.kernel.forms import once, posted_key, remember
from o2o.kernel.web import page, see_other, toast
from o2o.kernel.words import N_
from o2o.sanctions import queries, rules
from o2o.sanctions.forms import DecideForm, ImposeForm, page_number
from o2o.sanctions.shown import sayings
from o2o.shops import queries as shops

bp = Blueprint("sanctions_operator", __name__, url_prefix="/operator")


@bp.get("/sanctions")
@policy(operator)
def sanctions() -> Response:
    """List the sanctions, those with an open appeal first."""
    show, number = request.args.get("show", "all"), page_number()
    if show not in queries.SHOWS:
        raise BadInput("bad_filter", N_("Choose all, appealed, standing or ended."))
    rows, more = queries.listed(db.session, show=show, number=number)
    return page(
        "sanctions/list.html",
        rows=rows,
        show=show,
        number=number,
        next_url=f"/operator/sanctions?show={show}&page={number + 1}" if more else None,
        waiting=queries.open_appeals(db.session),
        **sayings(),
    )


@bp.get("/shops/<int:shop>/sanctions")
@policy(operator)
def shop(shop: int) -> Response:
    """Show where a shop stands on the ladder, and the form of the next step."""
    return shop_page(shop, ImposeForm(formdata=None))


@bp.post("/shops/<int:shop>/sanctions")
@policy(operator)
def impose(shop: int) -> Response:
    """Take a step against a shop; the same form again leads to what it did."""
    form, by, key = ImposeForm(), current_user.account_id, posted_key()
    said = {"rule": form.rule.data or "", "step": form.step.data or "", "evidence": form.evidence.data or "",
            "link": form.link.data or ""}  # fmt: skip
    content, owner = {**said, "days": form.days.data or ""}, f"sanction:{by}:{shop}"
    begin_write()
    done = once(db.session, owner, key, content)
    if done:
        return see_other(done)
    try:
        row = rules.impose(db.session, shop_id=shop, by=by, days=form.length(), now=clock.now(), **said)
    except Refusal as refusal:
        db.session.rollback()
        form.refused(refusal)
        return shop_page(shop, form, status=refusal.status)
    where = f"/operator/sanctions/{row.id}"
    remember(db.session, owner, key, content, where)
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Done. The shop is told, with the evidence and how to object."))
    return see_other(where)


@bp.get("/sanctions/<int:sanction>")
@policy(operator)
def sanction(sanction: int) -> Response:
    """Show one sanction with what decides it."""
    return sanction_page(sanction, DecideForm(formdata=None))


@bp.post("/sanctions/<int:sanction>/decide")
@policy(operator)
def decide(sanction: int) -> Response:
    """Uphold or lift a sanction that the owner objects to, with words that the owner reads."""
    form = DecideForm()
    given = {"sanction_id": sanction, "by": current_user.account_id, "words": form.words.data or ""}
    begin_write()
    try:
        rules.decide(db.session, uphold=form.uphold(), now=clock.now(), **given)
    except Refusal as refusal:
        return refused(sanction, form, refusal)
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Decided. The shop is told."))
    return see_other(f"/operator/sanctions/{sanction}")


@bp.post("/sanctions/<int:sanction>/lift")
@policy(operator)
def lift(sanction: int) -> Response:
    """Take a sanction back that nobody objects to, with words that the owner reads."""
    form = DecideForm()
    given = {"sanction_id": sanction, "by": current_user.account_id, "words": form.words.data or ""}
    begin_write()
    try:
        rules.lift(db.session, now=clock.now(), **given)
    except Refusal as refusal:
        return refused(sanction, form, refusal)
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Lifted. The shop is told."))
    return see_other(f"/operator/sanctions/{sanction}")


def refused(sanction: int, form: DecideForm, refusal: Refusal) -> Response:
    """Show the sanction again with what the rule said."""
    db.session.rollback()
    form.refused(refusal)
    return sanction_page(sanction, form, status=refusal.status)


def shop_page(shop: int, form: ImposeForm, *, status: int = 200) -> Response:
    """Show a shop's ladder, what each step would touch, what was before, and the form."""
    row = shops.shop(db.session, shop, behind=True)
    before, more = record.of_shop(db.session, shop_id=shop)
    return page(
        "sanctions/shop.html",
        shop=row,
        ladder=conduct.LADDER,
        standing=record.standing(db.session, shop),
        reach=queries.reach(db.session, shop),
        before=before,
        more=more,
        form=form,
        status=status,
        most_days=conduct.MOST_DAYS,
        **sayings(),
    )


def sanction_page(sanction: int, form: DecideForm, *, status: int = 200) -> Response:
    """Show one sanction: rule, evidence, clocks, objection, decision."""
    found = queries.one(db.session, sanction)
    row, by = found.sanction, current_user.account_id
    return page(
        "sanctions/sanction.html",
        row=row,
        shop=found.shop,
        own=row.created_by == by and queries.other_operators(db.session, by),
        reach=queries.reach(db.session, row.shop_id),
        form=form,
        status=status,
        **sayings(),
    )
