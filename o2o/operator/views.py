"""The platform's home: the town's listings, their owners, and the balance of the books."""

from collections import defaultdict

from flask import Blueprint, Flask, Response
from sqlalchemy.orm import Session

from o2o.accounts.models import Account
from o2o.accounts.queries import Place, on_me
from o2o.conflicts import queries as conflicts
from o2o.kernel.access import operator, policy
from o2o.kernel.db import db
from o2o.kernel.locales import choose_locale
from o2o.kernel.money import format_money
from o2o.kernel.web import page
from o2o.kernel.words import N_
from o2o.ledger import queries as ledger
from o2o.onboarding import queries as onboarding
from o2o.reports import queries as reports
from o2o.sanctions import queries as sanctions
from o2o.shops import queries as shops

bp = Blueprint("operator", __name__)

# What each account of the books is called on the page, in the order of the money's way.
NAMES = {
    "cash": N_("Cash at the payment provider"),
    "voucher_liability": N_("Vouchers sold, not yet used"),
    "shop_pending": N_("Redeemed, still inside the undo time"),
    "shop_payable": N_("Owed to the shops"),
    "refunds_due": N_("Refunds on their way"),
    "platform_fee": N_("The platform's share"),
    "platform_cover": N_("Paid by the platform for double uses"),
}


@bp.get("/operator")
@policy(operator)
def home() -> Response:
    """Show how the town and its books stand."""
    return page(
        "operator/home.html",
        statuses=shops.count_by_status(db.session),
        owners=shops.count_owners(db.session),
        books=books(db.session),
        reports=reports.open_count(db.session),
        waiting=conflicts.counts(db.session),
        claims=onboarding.count_waiting(db.session),
        objections=sanctions.open_appeals(db.session),
    )


def books(session: Session) -> list[dict[str, object]]:
    """Return per currency the lines of the balance and their sum, ready to print."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for (account, currency), amount in ledger.totals(session).items():
        found[currency][account] = amount
    locale = choose_locale()
    return [
        {
            "currency": currency,
            "lines": [
                (NAMES[name], format_money(lines[name], currency, locale))
                for name in NAMES
                if lines.get(name)
            ],
            "sum": format_money(sum(lines.values()), currency, locale),
            "balanced": sum(lines.values()) == 0,
        }
        for currency, lines in found.items()
    ]


def platform_on_me(session: Session, account_id: int, locale: str) -> list[Place]:
    """Add the platform's desk to an operator's own page."""
    account = session.get(Account, account_id)
    if account is None or not account.is_operator:
        return []
    return [Place("/operator", "scale", N_("Platform"))]


def init_app(app: Flask) -> None:
    """Put the platform's line on /me."""
    on_me(platform_on_me)
