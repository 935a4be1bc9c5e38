"""How sanctions are said on a page."""

from typing import Any

from flask_babel import gettext as _

from o2o.conduct import rules as conduct
from o2o.conduct.models import Sanction
from o2o.kernel import clock
from o2o.kernel.calendar import day_words, moment_words
from o2o.kernel.db import db
from o2o.kernel.locales import choose_locale, html_lang
from o2o.kernel.money import format_money
from o2o.kernel.words import N_
from o2o.sanctions.rules import CLOSED
from o2o.shops import queries as shops

STATES = {
    "in_force": ("no", N_("In force")),
    "appealed": ("wait", N_("The owner objects")),
    "upheld": ("no", N_("It stays")),
    "lifted": ("ok", N_("Lifted")),
    "over": ("quiet", N_("Over")),
}


def sayings() -> dict[str, Any]:
    """Give templates what they need to print sanctions in the reader's language and the town's time."""
    town, locale = shops.founded(db.session), choose_locale()
    return {
        "day": lambda at: day_words(at, town.zone, locale),
        "when": lambda at: moment_words(at, town.zone, locale),
        "money": lambda amount: format_money(amount, town.currency, locale),
        "states": STATES,
        "rules": {rule.key: rule for rule in conduct.RULES},
        "steps": {step.key: step for step in conduct.LADDER},
        "decide_by": lambda row: day_words(row.appealed_at + conduct.DECIDE, town.zone, locale),
        "may_appeal": lambda row: row.state == "in_force" and clock.now() < row.appeal_until,
        "outcome": outcome,
        "shop_named": lambda shop: shops.shop_name(shop, html_lang()),
    }


def outcome(row: Sanction) -> str:
    """Say what was decided; empty while nothing is."""
    if row.state == "lifted" and row.decided_by is None:
        return _("Nobody decided the objection in time, so this is lifted.")
    if row.state == "over" and row.decision.endswith(CLOSED):
        return row.decision.removesuffix(CLOSED) + _(CLOSED)
    return row.decision
