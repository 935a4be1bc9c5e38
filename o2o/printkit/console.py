"""The desk's print kit: what a shop puts on its door, tables and counter, chosen on one page, printed from others."""

from flask import Blueprint, Response, current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from o2o.checkin import queries as posters
from o2o.kernel import clock, deeds
from o2o.kernel.access import manager_of, policy
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.forms import once, posted_key, remember
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.kernel.words import N_
from o2o.offers import queries as offers
from o2o.offers.models import Terms
from o2o.printkit import paper, rules, tables
from o2o.printkit.forms import TablesForm
from o2o.shops import queries as shops
from o2o.shops.models import VISIBLE

bp = Blueprint("printkit", __name__)


@bp.get("/console/<int:shop>/print")
@policy(manager_of("shop"))
def choose(shop: int) -> Response:
    """Show everything that can be printed today."""
    return kit_page(shop, TablesForm(formdata=None))


@bp.post("/console/<int:shop>/print/tables")
@policy(manager_of("shop"))
def make_tables(shop: int) -> Response:
    """Make the codes of tables that have none; nothing else here makes a code."""
    form = TablesForm()
    if not form.validate():
        return kit_page(shop, form, status=422)
    owner, key, content = f"account:{current_user.account_id}", posted_key(), {"shop": shop, **form.data}
    begin_write()
    if once(db.session, owner, key, content) is None:
        try:
            made = hang_codes(shop, form.count.data or 0)
        except RuleBroken as refusal:
            db.session.rollback()
            form.refused(refusal)
            return kit_page(shop, form, status=refusal.status)
        deeds.note(db.session, made=made)
        remember(db.session, owner, key, content, f"/console/{shop}/print")
        db.session.commit()
    toast(_("The codes are ready. Print the cards now."))
    return see_other(f"/console/{shop}/print#tables")


@bp.get("/console/<int:shop>/print/tables")
@policy(manager_of("shop"))
def table_cards(shop: int) -> Response:
    """Show the table cards as paper, eight to a sheet, each folded once."""
    row, cards = shops.shop(db.session, shop, behind=True), cards_of(shop)
    sheets = [cards[start : start + paper.A_SHEET] for start in range(0, len(cards), paper.A_SHEET)]
    return page(
        "printkit/tables.html",
        shop=row,
        name=shops.shop_name(row, html_lang()),
        sheets=sheets,
        lines=paper.both(paper.TABLE),
    )


@bp.get("/console/<int:shop>/print/offers/<int:offer>")
@policy(manager_of("shop"))
def offer_card(shop: int, offer: int) -> Response:
    """Show a counter card that sells one offer."""
    return counter_card(shop, f"/offers/{offer}", paper.OFFER, terms=sold_terms(shop, offer))


@bp.get("/console/<int:shop>/print/offers/<int:offer>/cards")
@policy(manager_of("shop"))
def offer_cards(shop: int, offer: int) -> Response:
    """Show a sheet of cards to cut out that sell one offer: for tables, bags and neighbours' counters."""
    terms, row = sold_terms(shop, offer), shops.shop(db.session, shop, behind=True)
    address = current_app.config["O2O"].base_url + f"/offers/{offer}"
    return page(
        "printkit/cards.html",
        shop=row,
        name=shops.shop_name(row, html_lang()),
        terms=terms,
        qr=paper.drawn(address),
        address=paper.short(address),
        count=paper.A_SHEET,
        lines=paper.both(paper.OFFER),
        rules=paper.rules_of(terms),
    )


@bp.get("/console/<int:shop>/print/shop")
@policy(manager_of("shop"))
def shop_card(shop: int) -> Response:
    """Show a counter card that leads to the shop's page."""
    return counter_card(shop, f"/shops/{shop}", paper.SHOP)


@bp.get("/console/<int:shop>/print/codes/<int:poster>.svg")
@policy(manager_of("shop"))
def code(shop: int, poster: int) -> Response:
    """Draw the code of one of the shop's posters."""
    row = posters.shop_poster(db.session, shop_id=shop, poster_id=poster)
    if row.ended_at is not None:
        raise NotAllowed
    drawing = paper.drawing(posters.address(current_app.config["O2O"].base_url, row))
    response = Response(drawing, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def sold_terms(shop_id: int, offer_id: int) -> Terms:
    """Return what an offer says that is on sale; RuleBroken not_on_sale where it is not."""
    row = offers.desk_offer(db.session, shop_id=shop_id, offer_id=offer_id)
    if row.state != "on_sale":
        sentence = N_("This offer is not on sale: its code would sell nothing. Put it on sale first.")
        raise RuleBroken("not_on_sale", sentence)
    return offers.current_terms(db.session, row)


def hang_codes(shop: int, count: int) -> int:
    """Make the codes of tables, named in the visitor's language; return how many."""
    return rules.make_tables(
        db.session,
        shop_id=shop,
        count=count,
        labels=tables.labels(),
        known=tables.known(),
        now=clock.now(),
    )


def counter_card(shop_id: int, path: str, line: str, terms: Terms | None = None) -> Response:
    """Show a counter card: one sheet, folded once, the same on both sides."""
    row, address = shops.shop(db.session, shop_id, behind=True), current_app.config["O2O"].base_url + path
    return page(
        "printkit/counter.html",
        shop=row,
        name=shops.shop_name(row, html_lang()),
        qr=paper.drawn(address),
        address=paper.short(address),
        lines=paper.both(line),
        terms=terms,
    )


def cards_of(shop_id: int) -> list[tuple[int, int, str, str]]:
    """List the shop's tables: number, poster, label, and the address as people type it."""
    base_url = current_app.config["O2O"].base_url
    found = tables.numbered(posters.live_posters(db.session, shop_id))
    return [(n, row.id, row.label, paper.short(posters.address(base_url, row))) for n, row in found]


def kit_page(shop_id: int, form: TablesForm, *, status: int = 200) -> Response:
    """Show the page on which everything is chosen."""
    desk = shops.desk(db.session, account_id=current_user.account_id, shop_id=shop_id, locale=html_lang())
    live = posters.live_posters(db.session, shop_id)
    standing = tables.numbered(live)
    on_tables = {poster.id for _number, poster in standing}
    return page(
        "printkit/choose.html",
        desk=desk,
        form=form,
        posters=[poster for poster in live if poster.id not in on_tables],
        tables=ngettext("%(num)s table", "%(num)s tables", len(standing)) if standing else "",
        offers=offers.offers_on_sale(db.session, shop_id),
        is_seen=desk.shop.status in VISIBLE,
        most=rules.MOST_TABLES,
        status=status,
    )
