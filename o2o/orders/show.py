"""What an order's page says: ready words for the template."""

from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.calendar import day_words, hour_span, time_words, weekday_span
from o2o.kernel.locales import html_lang
from o2o.kernel.money import format_money
from o2o.kernel.words import N_
from o2o.offers import rules as offers
from o2o.orders import queries
from o2o.orders.queries import Placed
from o2o.shops import queries as shops


class Face(NamedTuple):
    """The heading of an order's page, and the notice under it (kind and sentence; none while it is held)."""

    title: str
    kind: str
    sentence: str


FACES = {
    "held": Face(N_("Check and pay"), "", ""),
    "paying": Face(
        N_("Waiting for the bank"),
        "wait",
        N_("As soon as the bank says yes, your voucher appears here by itself. You can leave this page."),
    ),
    "declined": Face(
        N_("The bank said no"),
        "no",
        N_("Nothing was charged. You can try again while the place is held for you."),
    ),
    "expired": Face(
        N_("Time ran out"),
        "wait",
        N_("The place was given back. Should the bank still take your money, you get the voucher or, "
           "when there is none left, all of the money back by itself."),
    ),
    "cancelled": Face(N_("Order cancelled"), "info", N_("The place was given back and nothing was charged.")),
    "returned": Face(
        N_("Your money goes back"),
        "info",
        N_("The payment came when the place was gone. All of it is being returned; you need not do anything."),
    ),
    "paid": Face(N_("Receipt"), "ok", N_("Paid. Your vouchers are in the wallet.")),
}  # fmt: skip


def order_page(session: Session, placed: Placed) -> dict[str, Any]:
    """Gather everything the page shows, in the visitor's language and the town's zone."""
    order, terms, shop, _intent = placed
    lang, town = html_lang(), shops.founded(session)
    now = clock.now()
    face = queries.face(placed, now)
    words = FACES[face]
    _not_before, expires = offers.validity(terms, order.paid_at or now, town.timezone)
    return {
        "face": face,
        "title": _(words.title),
        "notice": (words.kind, _(words.sentence)) if words.sentence else None,
        "order": order,
        "offer": terms,
        "offer_url": f"/offers/{terms.offer_id}",
        "shop": shops.shop_name(shop, lang),
        "shop_url": f"/shops/{shop.id}",
        "unit": format_money(order.unit_price, order.currency, lang),
        "total": format_money(order.total, order.currency, lang),
        "until": clock.iso(order.hold_until),
        "until_words": time_words(order.hold_until, town.zone),
        "use_until": day_words(expires - offers.A_MINUTE, town.zone, lang),
        "times": _times(weekday_span(terms.weekdays, lang), hour_span(terms.from_minute, terms.to_minute)),
        "refund_words": ("" if lang.startswith("zh") else " ").join(map(_, offers.refund_words(terms))),
        "paid_on": day_words(order.paid_at, town.zone, lang) if order.paid_at else None,
        "sign": shops.categories.category(shop.category).icon,
        "variant": shop.id % 4,
        "passes": _passes(session, placed),
    }


def _passes(session: Session, placed: Placed) -> list[tuple[str, str, str, str]]:
    """List the passes as rows of a menu: address, icon, title, number."""
    rows = queries.passes_of(session, placed.order.id)
    return [
        (f"/passes/{row.id}", "ticket", placed.terms.title, _("No. %(number)s") % {"number": number})
        for number, row in enumerate(rows, start=1)
    ]


def _times(days: str, hours: str) -> str:
    return " ".join(part for part in (days, hours) if part)
