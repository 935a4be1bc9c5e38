"""Every route declares who may call it, and a route that does not cannot start."""

import pytest
from flask import Flask

from o2o.kernel import access


def test_every_route_has_a_policy(app: Flask) -> None:
    rules = access.policies(app)
    assert set(rules) == set(app.view_functions)


def test_a_route_without_policy_cannot_start() -> None:
    app = Flask("bare")
    app.add_url_rule("/naked", "naked", lambda: "")
    with pytest.raises(RuntimeError, match="naked"):
        access.policies(app)


def test_shop_policies_name_an_argument_of_the_route(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        wanted = app.extensions["o2o.policies"][rule.endpoint].shop
        assert wanted is None or wanted in rule.arguments, rule


def test_only_webhooks_are_exempt_from_the_origin_check(app: Flask) -> None:
    exempt = {name for name, rule in app.extensions["o2o.policies"].items() if not rule.csrf}
    assert {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint in exempt} <= {
        "/webhooks/<provider>"
    }
