"""The desks of a shop that is suspended or delisted: open to its people as before, and to nobody else."""

import pytest
from flask import Flask

from o2o.conduct import queries as conduct
from o2o.kernel.access import Policy
from o2o.kernel.db import begin_write, db
from o2o.shops.models import Shop
from tests import factories
from tests.house.matrix import address, changed, fingerprint
from tests.house.test_matrix import REFUSALS, ask, check_canaries
from tests.house.world import HOLDERS, build_world, clients

OUTSIDE = ("guest", "stranger", "other_owner", "former")
INSIDE = ("staff", "manager", "owner")


def hold_back(shop_id: int, steps: tuple[str, ...]) -> None:
    """Take the steps of the ladder against a shop."""
    begin_write()
    shop = db.session.get_one(Shop, shop_id)
    there = conduct.standing(db.session, shop_id)
    for step in steps:
        if step not in there:
            factories.make_sanction(db.session, shop, step=step)
    db.session.commit()


def desks(app: Flask) -> list[tuple[str, Policy]]:
    """List the addresses that belong to one shop's people."""
    policies = app.extensions["o2o.policies"]
    found = [(rule.endpoint, policies[rule.endpoint]) for rule in app.url_map.iter_rules()]
    return sorted((endpoint, rule) for endpoint, rule in set(found) if rule.shop is not None)


@pytest.mark.sqlite_only("access is decided before the database differs")
@pytest.mark.parametrize(
    ("steps", "state"),
    [
        (("warn", "limit", "suspend"), ("claimed", "suspended")),
        (("warn", "limit", "suspend", "delist"), ("delisted", "suspended")),
    ],
    ids=["suspended", "delisted"],
)
def test_a_held_shop_opens_no_other_door(app: Flask, steps: tuple[str, ...], state: tuple[str, str]) -> None:
    things = build_world(db.session)
    visitors = clients(app, things)
    hold_back(things["A"]["shop"], steps)
    shop = db.session.get_one(Shop, things["A"]["shop"])
    assert (shop.status, shop.sanction) == state
    before = fingerprint(db.session)
    opened = 0
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    for endpoint, policy in desks(app):
        rule = rules[endpoint]
        target = address(app, rule, things, "A")
        for role in (*OUTSIDE, *INSIDE):
            may = role in HOLDERS["A"][policy.kind]
            for method in ("GET", "POST"):
                if method not in rule.methods or (may and method == "POST"):
                    continue
                answer = ask(visitors[role], method, target, {"Accept": "text/html"})
                where = f"{method} {target} as {role}: {answer.status_code}"
                assert answer.status_code < 500, where
                assert may or answer.status_code in REFUSALS | {422} or answer.status_code == 303, where
                check_canaries(rule, policy, role, "A", answer, where)
                opened += may and answer.status_code == 200
    assert opened > 60
    assert changed(before) == set()
