"""Every key and every state that a note or record writes has words, in the reader's language and number by number."""

import ast
import string
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from o2o.acts.details import CHOICES, DAYS, NAMES, PHRASES, said
from o2o.acts.show import THINGS
from o2o.kernel.deeds import LONGEST
from o2o.shops.models import KINDS
from tests.acts.test_words import calls
from tests.house.tree import sources

# Not details: whose act it is.
ABOUT = {"shop_id", "role", "verb"}
# Calls that spread a mapping, by the name of what they spread, with the keys it may hold.
SPREAD = {
    "detail": {"till", "entries", "stored", "rejected", "conflict", "retry"},
    "report.counts": {"added", "updated", "same", "kept", "gone"},
}


def keys_of(where: str, call: ast.Call) -> set[str]:
    """Give the keys that a call writes; what it spreads has to be on the list above."""
    found = {word.arg for word in call.keywords if word.arg} - ABOUT
    for spread in (ast.unparse(word.value) for word in call.keywords if word.arg is None):
        names = [name for name in SPREAD if name in spread]
        assert names, f"{where} spreads {spread}: say in SPREAD what keys it holds"
        found |= SPREAD[names[0]]
    return found


def table(name: str, member: str) -> set[Any]:
    """Find a table of plain values by its name and one of them, whichever room keeps it."""
    found: set[Any] = set()
    for path in sources():
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.Assign) or ast.unparse(node.targets[0]) != name:
                continue
            listed = node.value.keys if isinstance(node.value, ast.Dict) else getattr(node.value, "elts", [])
            values = {one.value for one in listed if isinstance(one, ast.Constant)}
            found |= values if member in values else set()
    assert member in found, f"no {name} holds {member}"
    return found


def test_every_detail_has_words_and_no_words_are_left_over() -> None:
    written = set()
    for where, call in (*calls("note"), *calls("record")):
        keys = keys_of(where, call)
        missing = keys - PHRASES.keys() - THINGS.keys()
        assert missing == set(), f"{where}: add a line to o2o/acts/details.py"
        written |= keys
    # The one that comes with the address of an act.
    assert PHRASES.keys() - written == {"what"}
    assert CHOICES.keys() | NAMES | DAYS <= PHRASES.keys()


@pytest.mark.parametrize(
    ("key", "name", "member"),
    [
        ("before", "CLAIM_STATES", "ready_for_review"),
        ("to", "CLAIM_STATES", "ready_for_review"),
        ("state", "SANCTION_STATES", "in_force"),
        ("state", "TILL_STATES", "active"),
        ("do", "ENDS", "approve"),
        ("do", "DECISIONS", "waive"),
        ("step", "STEPS", "warn"),
        ("kind", "KINDS", "open"),
    ],
)
def test_every_state_has_words(key: str, name: str, member: str) -> None:
    assert table(name, member) - CHOICES[key].keys() == set(), "add a line to CHOICES in o2o/acts/details.py"


def test_every_role_has_words() -> None:
    assert set(KINDS) - CHOICES["to"].keys() == set()


def test_what_is_written_as_it_stands_is_a_choice_with_words() -> None:
    for where, call in (*calls("note"), *calls("record")):
        for word in call.keywords:
            if word.arg in CHOICES and isinstance(word.value, ast.Constant):
                assert word.value.value in CHOICES[word.arg], where


@pytest.mark.parametrize(
    ("detail", "en", "zh"),
    [
        ({"uses": 12345}, "uses: 12,345", "12,345"),
        ({"kid": 12345}, "key 12345", "12345"),
        ({"runs_out": "2027-03-05"}, "valid until Mar 5, 2027", "2027年3月5日"),
        ({"runs_out": None}, "", ""),
        ({"runs_out": "some day"}, "valid until some day", "some day"),
        ({"do": "approve", "before": "pending"}, "approved · before: waits behind another claim", "·"),
        ({"is_on": False, "stops": 0}, "no longer asked of shops · shops that would have", "0"),
        ({"at_once": True}, "signs at once", ""),
        ({"to": "manager"}, "from then on: manages the shop", ""),
        ({"state": "new_state"}, "from then on: new_state", "new_state"),
        ({"later": 3}, "later 3", "later 3"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_details_are_said_for_the_reader(app: Flask, detail: dict[str, Any], en: str, zh: str) -> None:
    for locale, name, wanted in (("en", "en", en), ("zh_Hans", "zh-Hans", zh)):
        with app.test_request_context("/"), force_locale(locale):
            assert wanted in said(detail, name)


def test_every_phrase_has_a_place_for_its_value() -> None:
    for key, phrase in PHRASES.items():
        assert phrase.count("%(value)s") == 1, key
        assert set(key) <= set(string.ascii_lowercase + "_"), key
        assert len(phrase) <= LONGEST, key
