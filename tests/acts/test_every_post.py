"""Every form of a desk that is filled in well is one act when it changes something, and none when it is refused."""

import re
from functools import cache
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from o2o import create_app
from o2o.acts.details import CHOICES, PHRASES
from o2o.acts.hook import DESKS, NO_DEEDS
from o2o.acts.models import Act
from o2o.acts.show import THINGS
from o2o.kernel.access import SAFE_METHODS
from o2o.kernel.db import db
from tests.house.matrix import address, fingerprint
from tests.house.test_bad_input import GOOD, fill
from tests.house.world import build_world, clients

# What the desks' forms hold for the world of the matrix, where the table of bad input has none.
MORE: dict[str, dict[str, str]] = {
    "POST /console/{shop}/posters": {"poster": "Door"},
    "POST /operator/held/{conflict_id}/decide": {"decision": "paid"},
    "POST /operator/strikes/{strike}/judge": {"state": "upheld", "why": "Seen twice"},
}
ROLES = {"operator": "operator", "preparer": "owner", "manager": "owner", "staff": "owner", "owner": "owner"}


@cache
def desks() -> list[tuple[str, str]]:
    """List the endpoints of the desks with their addresses."""
    with TemporaryDirectory() as folder:
        app = create_app({"TESTING": "1", "O2O_SECRET_KEY": "matrix" * 8, "O2O_DATA_DIR": folder})
    policies = app.extensions["o2o.policies"]
    return sorted(
        (rule.endpoint, rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.methods - set(SAFE_METHODS) and policies[rule.endpoint].kind in DESKS
    )


def count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Act)) or 0


def form(path: str, things: dict[str, Any]) -> dict[str, Any]:
    name = "POST " + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)
    return {key: fill(value, things) for key, value in {**GOOD.get(name, {}), **MORE.get(name, {})}.items()}


@pytest.mark.sqlite_only("the hook's own tests run on both")
@pytest.mark.parametrize(("endpoint", "path"), desks(), ids=[name for name, _ in desks()])
def test_a_post_is_one_act_or_none(app: Flask, endpoint: str, path: str) -> None:
    things = build_world(db.session)
    visitors = clients(app, things)
    (rule,) = (rule for rule in app.url_map.iter_rules() if (rule.endpoint, rule.rule) == (endpoint, path))
    kind = app.extensions["o2o.policies"][endpoint].kind
    data = form(path, things["A"])
    for role in ("guest", "other_owner"):
        assert visitors[role].post(address(app, rule, things, "A"), data=data).status_code in (
            403,
            404,
            422,
            303,
        )
        assert count() == 0, f"{role} was refused"
    before = fingerprint(db.session)
    answer = visitors[ROLES[kind]].post(address(app, rule, things, "A"), data=data)
    after = fingerprint(db.session)
    wrote = {name for name in after if after[name] != before[name]} - NO_DEEDS - {"login"}
    assert count() == bool(wrote), f"{answer.status_code}, wrote {sorted(wrote)}: {count()} acts"
    for details in db.session.scalars(select(Act.detail)):
        assert details.keys() <= PHRASES.keys() | THINGS.keys()
        assert all(details[key] in CHOICES[key] for key in details.keys() & CHOICES.keys())
    if endpoint in CARRIED_OUT:
        assert wrote, (
            f"{answer.status_code}: this form was to be carried out\n{answer.get_data(as_text=True)[-3000:]}"
        )


# Forms that the table fills in so well that they are carried out: the control of the test above.
CARRIED_OUT = {
    "offers_console.publish",
    "offers_console.pause",
    "offers_console.end",
    "shops_console.save",
    "shops_console.invite",
    "shops_console.withdraw",
    "shops_console.call",
    "posters.hang",
    "posters.rotate",
    "posters.end",
    "tills_console.rename",
    "tills_console.revoke",
    "tills_console.set_rules",
    "reviews_console.reply",
    "conflicts_console.seen",
    "shops_operator.give",
    "reports_operator.decide",
    "guides_operator.create",
    "guides_operator.unpublish",
}
