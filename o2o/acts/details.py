"""What the details of acts say to a reader: words for every key that a note or record writes, and for its states.

A test walks all calls of note and record: a key without a line here fails, and so does a state.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from flask_babel import gettext as _

from o2o.kernel.words import N_

PHRASES: dict[str, str] = {
    # redemption, and what a till hands in
    "uses": N_("uses: %(value)s"),
    "entries": N_("lines of the till: %(value)s"),
    "stored": N_("taken down: %(value)s"),
    "rejected": N_("not accepted: %(value)s"),
    "conflict": N_("in conflict with another till: %(value)s"),
    "retry": N_("to be sent again: %(value)s"),
    # what moved from where to where
    "before": N_("before: %(value)s"),
    "to": N_("from then on: %(value)s"),
    "state": N_("from then on: %(value)s"),
    "do": "%(value)s",
    "what": "%(value)s",
    # sanctions
    "step": "%(value)s",
    "rule": N_("rule of conduct %(value)s"),
    # days and codes
    "days": N_("days: %(value)s"),
    "kind": "%(value)s",
    "made": N_("codes made: %(value)s"),
    # branches
    "branches": N_("branches: %(value)s"),
    # files of prices, and the map's file
    "mode": "%(value)s",
    "good": N_("readable lines: %(value)s"),
    "faults": N_("lines with a fault: %(value)s"),
    "lines": N_("lines put back: %(value)s"),
    "added": N_("added: %(value)s"),
    "changed": N_("changed: %(value)s"),
    "removed": N_("removed: %(value)s"),
    "updated": N_("brought up to date: %(value)s"),
    "same": N_("unchanged: %(value)s"),
    "kept": N_("kept as their owners have them: %(value)s"),
    "gone": N_("no longer on the map: %(value)s"),
    # what the platform asks of shops
    "is_on": "%(value)s",
    "stops": N_("shops that would have to stop selling: %(value)s"),
    "version": N_("version %(value)s"),
    "runs_out": N_("valid until %(value)s"),
    # the server's own shell
    "kid": N_("key %(value)s"),
    "signs": N_("key %(value)s signs now"),
    "at_once": "%(value)s",
    "account": N_("account #%(value)s"),
    "operator": "%(value)s",
}
ROLES = {
    "claimant": N_("asks for the shop"),
    "staff": N_("works there"),
    "manager": N_("manages the shop"),
    "owner": N_("owns the shop"),
}
CLAIM = {
    "pending": N_("waits behind another claim"),
    "invited": N_("waits for the invited person"),
    "onboarding": N_("papers are being prepared"),
    "ready_for_review": N_("waits for the platform"),
    "approved": N_("the shop is theirs"),
    "rejected": N_("turned down"),
    "withdrawn": N_("given up"),
    "suspended": N_("sales are stopped"),
    "closed": N_("the shop has closed"),
}
# Values that are states; a key that is not here has a number, a name or a day.
CHOICES: dict[str, dict[Any, str]] = {
    "before": CLAIM,
    "to": ROLES | CLAIM,
    "state": {
        "waiting": N_("waits for the shop's yes"),
        "active": N_("takes passes"),
        "revoked": N_("switched off"),
        "in_force": N_("in force"),
        "appealed": N_("the owner objects"),
        "upheld": N_("stays in force after the objection"),
        "lifted": N_("taken back by the platform"),
        "over": N_("over"),
    },
    "do": {
        "approve": N_("approved"),
        "return": N_("sent back with reasons"),
        "reject": N_("turned down"),
        "accept": N_("accepted"),
        "refuse": N_("refused with a reason"),
        "waive": N_("not asked of this shop"),
    },
    "what": {"pause": N_("paused"), "resume": N_("put back on sale"), "end": N_("ended for good")},
    "step": {
        "warn": N_("a warning"),
        "limit": N_("no new offers"),
        "suspend": N_("sales stopped"),
        "delist": N_("off the map"),
    },
    "kind": {"closed": N_("closed on these days"), "open": N_("other hours on these days")},
    "mode": {"add": N_("adds to the menu"), "replace": N_("takes the menu's place")},
    "is_on": {True: N_("asked of shops"), False: N_("no longer asked of shops")},
    "at_once": {True: N_("signs at once"), False: N_("signs in seven days")},
    "operator": {True: N_("of the platform"), False: ""},
}
# Numbers that name something and count nothing.
NAMES = {"kid", "signs", "version", "account"}
DAYS = {"runs_out"}


def said(details: Mapping[str, Any], locale: str) -> str:
    """Say details in the reader's language; what a later version wrote keeps its name."""
    words = (_one(key, value, locale) for key, value in details.items() if value is not None)
    return " · ".join(filter(None, words))


def _one(key: str, value: Any, locale: str) -> str:
    if key not in PHRASES:
        return f"{key} {value}"
    phrase = PHRASES[key]
    words = _value(key, value, locale)
    return words if phrase == "%(value)s" else _(phrase) % {"value": words}


def _value(key: str, value: Any, locale: str) -> str:
    if key in CHOICES:
        words = CHOICES[key].get(value, str(value))
        return _(words) if words else ""
    if key in DAYS:
        return _day(str(value), locale)
    is_count = isinstance(value, int) and key not in NAMES
    return str(format_decimal(value, locale=locale.replace("-", "_"))) if is_count else str(value)


def _day(text: str, locale: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return str(format_date(day, "medium", locale=locale.replace("-", "_")))
