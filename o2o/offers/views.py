"""The offer's page for guests."""

from datetime import datetime

import orjson
from flask import Blueprint, Flask, Response, current_app, request
from markupsafe import Markup

from o2o.kernel import clock
from o2o.kernel.access import policy, public
from o2o.kernel.calendar import day_words
from o2o.kernel.db import db, new_id
from o2o.kernel.locales import choose_locale, html_lang
from o2o.kernel.money import plain_money
from o2o.kernel.web import page
from o2o.offers import queries, rules, show
from o2o.offers.models import Terms
from o2o.offers.queries import OnSale
from o2o.shops import queries as shops
from o2o.shops.models import Shop

bp = Blueprint("offers", __name__)
MOST_AT_ONCE = 20


@bp.get("/offers/<int:offer>")
@policy(public)
def offer(offer: int) -> Response:
    """Show everything a buyer agrees to, and the button."""
    row = queries.offer(db.session, offer)
    terms = queries.current_terms(db.session, row)
    shop = shops.shop(db.session, row.shop_id)
    now = clock.now()
    found = queries.on_sale_state(db.session, row, terms, now=now)
    town = shops.founded(db.session)
    state = sale_state(found, shop=shop, now=now, timezone=town.timezone)
    return page(
        "offers/offer.html",
        cache="page",
        offer=row,
        terms=terms,
        words=show.view(terms),
        left=show.left_words(found.left),
        state=state,
        usable_until=usable_until(terms, now, town),
        most=most_at_once(found),
        shop=shop,
        name=shops.shop_name(shop, html_lang()),
        key=new_id(),
        here=current_app.config["O2O"].base_url + request.path,
        json_ld=json_ld(found, shop, on_sale=state == "on_sale"),
    )


def usable_until(terms: Terms, now: datetime, town: shops.TownInfo) -> str:
    """Say the last day on which it could be used if it were bought now."""
    end = rules.validity(terms, now, town.timezone)[1]
    return day_words(end - rules.A_MINUTE, town.zone, choose_locale())


def sale_state(found: OnSale, *, shop: Shop, now: datetime, timezone: str) -> str:
    """Say in one word whether it can be bought: on_sale, sold_out, sold_out_today, paused, held_back, ended."""
    if found.offer.state == "paused":
        return "paused"
    # Never say that the shop did what the platform or the calendar did.
    if found.offer.state == "on_sale" and not shop.sells(now):
        return "held_back"
    if not rules.sellable(found.offer, found.terms, shop=shop, now=now, timezone=timezone):
        return "ended"
    if not found.sold_out:
        return "on_sale"
    return "sold_out" if found.total_left == 0 else "sold_out_today"


def most_at_once(found: OnSale) -> int:
    """Return the largest quantity the form offers."""
    limits = (MOST_AT_ONCE, found.left, found.terms.per_person)
    return min(limit for limit in limits if limit is not None)


def json_ld(found: OnSale, shop: Shop, *, on_sale: bool) -> Markup:
    """Describe the offer to machines (schema.org Offer)."""
    terms = found.terms
    origin = current_app.config["O2O"].base_url
    body = {
        "@context": "https://schema.org",
        "@type": "Offer",
        "url": f"{origin}/offers/{found.offer.id}",
        "name": terms.title,
        "price": plain_money(terms.price, terms.currency),
        "priceCurrency": terms.currency,
        "availability": f"https://schema.org/{'InStock' if on_sale else 'SoldOut'}",
        "itemOffered": {
            "@type": "Service",
            "name": terms.title,
            "description": ", ".join(row[0] for row in terms.contents),
        },
        "offeredBy": {"@type": "LocalBusiness", "name": shop.name, "url": f"{origin}/shops/{shop.id}"},
    }
    if terms.valid_until:
        body["validThrough"] = terms.valid_until.isoformat()
    # A closing tag inside a title must not end the script element.
    return Markup(orjson.dumps(body).decode().replace("<", "\\u003c"))  # noqa: S704


def init_app(app: Flask) -> None:
    """Give templates of the rooms above the strings of terms."""
    app.jinja_env.globals.update(terms_view=show.view, honest_words=show.honest_words)
