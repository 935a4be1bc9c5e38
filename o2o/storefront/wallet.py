"""The guest's wallet and passes: composed of passes, orders and redemptions, kept on the phone for offline."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.checkin import queries as visits
from o2o.kernel import clock
from o2o.kernel.access import policy, signed_in
from o2o.kernel.db import db
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other
from o2o.passes import queries as passes
from o2o.reviews import queries as reviews
from o2o.shops import queries as shops
from o2o.storefront.ticket import SECTIONS, Stub, stub, ticket, version

bp = Blueprint("wallet", __name__)

KEPT_PAGES = 50
# Reviews that can be written with no signal.
KEPT_FORMS = 5
# The name to tell the staff is wanted for as long as somebody sits there.
KEPT_VISITS = timedelta(hours=12)


@bp.get("/wallet")
@policy(signed_in)
def wallet() -> Response:
    """List the passes by state; what can be used soonest comes first."""
    everything = "all" in request.args
    held = passes.wallet(
        db.session, current_user.account_id, ended=None if everything else passes.ENDED_SHOWN
    )
    town = shops.town(db.session)
    now, zone = clock.now(), town.zone if town else ZoneInfo("UTC")
    rows: dict[str, list[Stub]] = {state: [] for state in SECTIONS}
    for one in held:
        row = stub(one, now, zone, html_lang())
        rows[row.section].append(row)
    more = not everything and sum(row.ended for part in rows.values() for row in part) >= passes.ENDED_SHOWN
    sections = [(state, _(title), rows[state]) for state, title in SECTIONS.items() if rows[state]]
    return page("passes/wallet.html", cache="private", sections=sections, more=more)


@bp.get("/passes/<pass_id>")
@policy(signed_in)
def show_pass(pass_id: str) -> Response:
    """Show a pass as a ticket: code, state, shop and terms."""
    held = passes.own_pass(db.session, account_id=current_user.account_id, pass_id=pass_id)
    shown = ticket(db.session, held)
    return _dated(page("passes/pass.html", block="ticket", cache="private", ticket=shown))


@bp.get("/passes/<pass_id>/paper")
@policy(signed_in)
def paper(pass_id: str) -> Response:
    """Show a printed pass as the sheet to print; a pass that no paper shows leads to its page."""
    held = passes.own_pass(db.session, account_id=current_user.account_id, pass_id=pass_id)
    given = ticket(db.session, held)
    if given.showing.form != "paper" or not given.showing.changes:
        return see_other(f"/passes/{pass_id}")
    qr = passes.drawn(held.pass_, _("QR code of your pass: %(title)s", title=given.title), error="q")
    return page("passes/paper.html", ticket=given, qr=qr)


@bp.get("/passes/<pass_id>/state")
@policy(signed_in)
def state(pass_id: str) -> Response:
    """Give the ticket anew when it changed since the page was made, else 204; asked every few seconds."""
    held = passes.own_pass(db.session, account_id=current_user.account_id, pass_id=pass_id)
    if version(held.pass_, clock.now()) == request.args.get("seen"):
        response = Response(status=204)
        response.headers["Cache-Control"] = "no-store, private"
        return _dated(response)
    return _dated(page("passes/pass.html", block="ticket", ticket=ticket(db.session, held)))


@bp.get("/me/offline.json")
@policy(signed_in)
def offline() -> Response:
    """List the private pages that this guest's phone keeps: wallet, passes, visits of today, owed reviews."""
    now, account_id = clock.now(), current_user.account_id
    held = passes.wallet(db.session, account_id, ended=KEPT_PAGES)
    pages = ["/wallet", *(f"/passes/{one.pass_.id}" for one in held)][:KEPT_PAGES]
    recent = visits.recent_visits(db.session, account_id=account_id, since=now - KEPT_VISITS)
    pages += [f"/visits/{visit.id}" for visit in recent[:KEPT_FORMS]]
    owed = reviews.owed(db.session, account_id=account_id, now=now, most=KEPT_FORMS)
    pages += [f"/reviews/new?{proof.query}" for proof in owed]
    response = jsonify({"owner": current_user.opaque, "pages": pages})
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["X-O2O-Cache"] = "none"
    return _dated(response)


def _dated(response: Response) -> Response:
    """Say the server's time in milliseconds: a phone that is offline later counts from its own by the difference."""
    response.headers["X-O2O-Now"] = str(clock.millis(clock.now()))
    return response
