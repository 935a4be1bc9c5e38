"""The door that a poster opens, the page of a visit, and the app's own camera."""

import secrets

from flask import Blueprint, Flask, Response, current_app, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.checkin import codes, queries, rules, till
from o2o.checkin.counting import count_opening
from o2o.checkin.forms import ArriveForm, CodeForm
from o2o.checkin.models import Poster
from o2o.checkin.show import clock_time, visit_page
from o2o.kernel import clock, journal
from o2o.kernel.access import policy, public, signed_in
from o2o.kernel.db import begin_write, db
from o2o.kernel.forms import once, remember
from o2o.kernel.headers import allow
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.places import categories
from o2o.shops import queries as shops

bp = Blueprint("checkin", __name__)
LAST_PAGE = 1000


@bp.get("/c/<code>")
@policy(public)
def door(code: str) -> Response:
    """Show the one button of a poster; opening it only counts an opening."""
    poster = queries.live_poster(db.session, code)
    count_opening(poster)
    return door_page(poster)


@bp.post("/c/<code>")
@policy(signed_in)
def check_in(code: str) -> Response:
    """Check in; the same press again, also one that was kept offline, has the same answer."""
    form = ArriveForm()
    key, account_id, now = form.checked(), current_user.account_id, clock.now()
    owner, content = f"visit:{account_id}", {"code": codes.normal(code)}
    begin_write()
    place = once(db.session, owner, key, content)
    if place is None:
        given = {"bucket": form.bucket.data, "claimed_at": form.claimed(), "now": now}
        visit = rules.arrive(db.session, code=code, account_id=account_id, key=key, **given)
        place = f"/visits/{visit.id}"
        if visit.at != now:
            toast(_("You checked in at %(time)s already.", time=clock_time(visit.at)))
        # A racer with this very press may have committed while this one waited for its turn.
        if once(db.session, owner, key, content) is None:
            remember(db.session, owner, key, content, place)
        db.session.commit()
        journal.deliver(db.session)
    return see_other(place)


@bp.get("/visits/<visit_id>")
@policy(signed_in)
def visit(visit_id: str) -> Response:
    """Show a visit: done, what to tell staff, whether they have confirmed it."""
    return visit_page(queries.own_visit(db.session, account_id=current_user.account_id, visit_id=visit_id))


@bp.get("/me/visits")
@policy(signed_in)
def visits() -> Response:
    """List the visitor's visits, twenty a page."""
    number = max(1, min(request.args.get("page", 1, type=int), LAST_PAGE))
    rows, more = queries.visits_of(db.session, account_id=current_user.account_id, page=number)
    return page(
        "checkin/visits.html",
        block="more" if number > 1 else None,
        rows=rows,
        name_of=lambda shop: shops.shop_name(shop, html_lang()),
        next_url=f"/me/visits?page={number + 1}" if more else None,
    )


@bp.get("/scan")
@policy(public)
def scan() -> Response:
    """Show the app's own camera."""
    return scan_page(CodeForm(formdata=None))


@bp.post("/scan")
@policy(public)
def read() -> Response:
    """Open a poster's code; whatever else was scanned or typed is said to be none, and never opened."""
    form = CodeForm()
    if not form.validate():
        return scan_page(form, status=422)
    code = codes.scanned(form.code.data, current_app.config["O2O"].base_url)
    if code is None or not queries.is_code(db.session, code):
        form.code.errors = [_("That is not a check-in code of this town.")]
        return scan_page(form, status=422)
    return see_other(f"{codes.PATH}{code}")


def scan_page(form: CodeForm, *, status: int = 200) -> Response:
    """Show the camera and the field for typing."""
    allow(camera=True, wasm=True)
    own = codes.address(current_app.config["O2O"].base_url, "")
    return page("checkin/scan.html", form=form, own=own, status=status)


def door_page(poster: Poster) -> Response:
    """Show where the visitor is, and the button; or the doors to an account, which lead back here."""
    shop, lately = shops.shop(db.session, poster.shop_id), None
    if current_user.is_authenticated:
        given = {"account_id": current_user.account_id, "shop_id": shop.id, "now": clock.now()}
        lately = queries.been_lately(db.session, **given)
    allow(geolocation=True)
    response = page(
        "checkin/door.html",
        shop=shop,
        name=shops.shop_name(shop, html_lang()),
        kind=categories.category(shop.category),
        poster=poster,
        lately=lately,
        time_of=clock_time,
        form=ArriveForm(formdata=None),
        # The random part from which the second door makes its recovery key, as on the sign-in page.
        nonce=secrets.token_hex(16),
        next=f"{codes.PATH}{poster.code}?back=1",
    )
    # A page whose form makes an account must not come back from the browser's memory to the next person.
    response.headers["Cache-Control"] = "no-store"
    return response


def init_app(app: Flask) -> None:
    """Wire the till's part."""
    app.register_blueprint(till.bp)
