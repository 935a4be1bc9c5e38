"""How conflicts are said and drawn on a page."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from markupsafe import Markup

from o2o.conflicts import policy
from o2o.conflicts.models import Conflict
from o2o.conflicts.story import STANDINGS
from o2o.conflicts.strikes import EVIDENCE_CHANGED
from o2o.kernel.calendar import moment_words
from o2o.kernel.db import db
from o2o.kernel.locales import choose_locale, html_lang
from o2o.kernel.money import format_money
from o2o.kernel.words import N_
from o2o.passes.qr import qr_svg
from o2o.shops import queries as shops

STATES = {"open": ("wait", N_("Not settled yet")), "settled": ("quiet", N_("Settled"))}
STRIKES = {
    "standing": ("wait", N_("It stands")),
    "disputed": ("wait", N_("Disputed")),
    "upheld": ("no", N_("It stays")),
    "lifted": ("ok", N_("Lifted")),
}
DECISIONS = {
    ("stale_proof", "paid"): N_("A person decided: the use counts, and the shop is paid."),
    ("stale_proof", "unpaid"): N_(
        "A person decided: the use went back to the holder, and the shop is not paid."
    ),
    ("two_phones", "paid"): N_("A person decided: the platform pays the shop, up to the cap."),
    ("two_phones", "unpaid"): N_("A person decided: the shop bears it."),
}
# A code of more digits is no pass of ours, and would not fit a QR code.
MOST_DIGITS = 600


def sayings() -> dict[str, Any]:
    """Give templates what they need to print conflicts in the reader's language and the town's time."""
    town, locale = shops.founded(db.session), choose_locale()
    return {
        "when": lambda at: when(at, town.zone, locale),
        "money": lambda amount, currency: format_money(amount, currency, locale),
        "cap": format_money(policy.COVER_CAP, town.currency, locale),
        "rule_for": policy.rule_for,
        "waits": lambda row: row.decision is None and policy.waits(row.cause, row.bears),
        "bearers": policy.BEARERS,
        "standings": STANDINGS,
        "states": STATES,
        "strike_states": STRIKES,
        "decision": decision,
        "drawn": drawn,
        "by_evidence": lambda row: row.decided_by is None and row.why == EVIDENCE_CHANGED,
        "shop_named": lambda shop: shops.shop_name(shop, html_lang()),
    }


def when(at: datetime, zone: ZoneInfo, locale: str) -> str:
    """Say a moment of the evidence with its seconds: 3 Jun 14:02:30."""
    return f"{moment_words(at, zone, locale)}:{at.astimezone(zone):%S}"


def decision(row: Conflict) -> str:
    """Say what a person decided; empty where nobody had to."""
    text = DECISIONS.get((row.cause, row.decision or ""))
    return _(text) if text else ""


def drawn(text: str) -> Markup | None:
    """Draw a code that was scanned; None for one that was typed."""
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        return None
    return qr_svg(text, label=_("The code that was scanned"))
