"""Every act has words, no words are left over, and no note carries people's words."""

import ast

from flask import Flask

from o2o.acts.details import CHOICES
from o2o.acts.hook import DESKS
from o2o.acts.show import THINGS
from o2o.acts.words import COMMANDS, VERBS
from o2o.kernel.access import SAFE_METHODS
from o2o.kernel.deeds import PERSONAL
from tests.house.tree import sources

# Any signed-in person may post these; their views say in which shop's name it is done.
DECLARED = {"shops.accept"}
# Posted at a till and no act, each with its reason.
OWN_LOG = {"redemption.scan": "every scan is a row of its own, which the guest reads too"}


def unsafe(app: Flask) -> dict[str, str]:
    """Give the endpoints that change something, with their addresses."""
    return {rule.endpoint: rule.rule for rule in app.url_map.iter_rules() if rule.methods - set(SAFE_METHODS)}


def test_every_act_has_words_and_no_words_are_left_over(app: Flask) -> None:
    policies = app.extensions["o2o.policies"]
    at_desks = {name for name in unsafe(app) if policies[name].kind in DESKS}
    at_tills = {name for name, path in unsafe(app).items() if path.startswith("/till/")}
    missing = (at_desks | at_tills | DECLARED) - VERBS.keys() - OWN_LOG.keys()
    assert missing == set(), "add a line to o2o/acts/words.py"
    unknown = VERBS.keys() - unsafe(app).keys()
    assert unknown == set(), "these words have no endpoint"
    assert OWN_LOG.keys() <= unsafe(app).keys()
    # A line for what any signed-in person may post needs a view that names the shop.
    assert not {name for name in VERBS if policies[name].kind == "public"}


def test_every_argument_of_an_act_is_named_or_left_out_on_purpose(app: Flask) -> None:
    # A note is not read in the log.
    left_out = {"shop", "token", "code", "note"}
    given = {name for rule in app.url_map.iter_rules() if rule.endpoint in VERBS for name in rule.arguments}
    assert given - THINGS.keys() - CHOICES.keys() - left_out == set(), (
        "add a line to THINGS in o2o/acts/show.py"
    )


def test_every_address_of_a_thing_is_one(app: Flask) -> None:
    """Whoever presses a link of the log arrives somewhere."""
    addresses = app.url_map.bind("localhost")
    for name, (_words, desk, platform) in THINGS.items():
        for address in filter(None, (desk, platform)):
            tries = [address.format(shop=7, id=number) for number in (17, "f" * 16)]
            assert any(addresses.test(one, method="GET") for one in tries), f"{name}: {address}"


def calls(name: str) -> list[tuple[str, ast.Call]]:
    """Find the calls of acts.note, deeds.note and the like in the code."""
    found = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if is_call and node.func.attr == name and getattr(node.func.value, "id", "") in ("acts", "deeds"):
                found.append((f"{path.name}:{node.lineno}", node))
    return found


def test_every_record_has_words_and_is_made_somewhere() -> None:
    made = set()
    for where, call in calls("record"):
        verbs = [word.value for word in call.keywords if word.arg == "verb"]
        assert len(verbs) == 1, where
        if isinstance(verbs[0], ast.Constant):
            assert verbs[0].value in COMMANDS, where
            made.add(verbs[0].value)
    assert made == COMMANDS.keys()


def test_no_note_carries_what_people_wrote_or_are_called() -> None:
    for where, call in (*calls("note"), *calls("record")):
        given = {word.arg for word in call.keywords}
        assert not given & PERSONAL, where
    assert len(calls("note")) >= 6
