"""A form that is being filled in as a deal, as far as it says enough."""

from datetime import date

from flask_babel import gettext as _

from o2o.designer import panel, queries
from o2o.designer.rules import NOTHING_SOLD, Costs, Deal, Sales
from o2o.kernel import clock
from o2o.kernel.db import db
from o2o.kernel.locales import choose_locale
from o2o.kernel.money import AmountRefused, parse_money
from o2o.offer_changes.fields import Amount
from o2o.offer_changes.forms import OfferForm
from o2o.offers.draft import GREATEST_CAP, MOST_OF_A_PART
from o2o.offers.models import Offer
from o2o.shops.queries import TownInfo


def read(form: OfferForm, currency: str, today: date, sales: Sales = NOTHING_SOLD) -> panel.Panel:
    """Say what a form that is being filled in amounts to; what cannot be read yet counts as missing.

    What was sold already counts as in the question before publishing.
    """
    price, cost = amount(form.price, currency), amount(form.cost, currency)
    full = parts_price(form, currency)
    fixed = amount(form.fixed, currency, empty=0)
    wanted = [
        (price, _("the price")),
        (cost, _("what serving one voucher costs you")),
        (fixed, _("the fixed cost as an amount")),
        (full if full is None or price is None or full >= price else None, _("what each thing costs alone")),
    ]
    missing = tuple(word for value, word in wanted if value is None)
    if missing or price is None or cost is None or full is None or fixed is None:
        return panel.Panel(missing=missing)
    deal = Deal(
        price=price,
        full=full,
        cost=cost,
        fixed=fixed,
        regulars=min(100, max(0, form.regulars.data or 0)),
        total_cap=cap(form.total_cap.data),
        day_cap=cap(form.day_cap.data),
        days=days(form, today),
        **sales._asdict(),
    )
    return panel.Panel(panel.lines(deal, panel.Money(currency, choose_locale())))


def sales(form: OfferForm, town: TownInfo, offer: Offer | None) -> Sales:
    """Count what an offer has sold, at the typed cost where its terms had none; nothing of one that is not there."""
    if offer is None or offer.state == "draft":
        return NOTHING_SOLD
    costs = Costs(cost=amount(form.cost, town.currency) or 0)
    return queries.sales(db.session, offer, costs, now=clock.now(), timezone=town.timezone)


def amount(field: Amount, currency: str, *, empty: int | None = None) -> int | None:
    """Read an amount that may be half typed; None where there is none yet."""
    try:
        return parse_money(field.data or "", currency)
    except AmountRefused as refusal:
        return empty if refusal.reason == "empty" else None


def parts_price(form: OfferForm, currency: str) -> int | None:
    """Add up what the lines cost bought alone; None while a price cannot be read."""
    total = 0
    for row in form.contents:
        alone = amount(row.form.alone, currency, empty=0)
        if alone is None:
            return None
        quantity = row.form.quantity.data
        total += alone * (1 if quantity is None else min(MOST_OF_A_PART, max(0, quantity)))
    return total


def cap(typed: int | None) -> int | None:
    """Take a cap that can be one."""
    return min(typed, GREATEST_CAP) if typed is not None and typed > 0 else None


def days(form: OfferForm, today: date) -> int | None:
    """Count the days on which it can be bought; None unless the dates are fixed."""
    last = form.valid_until.data
    if form.validity.data != "dates" or last is None:
        return None
    return max(1, (last - today).days + 1)
