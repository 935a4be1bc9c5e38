"""Who may reach what: every route, method, role, object and transport, from the app's own url map."""

from functools import cache
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from o2o import create_app
from o2o.kernel.access import Policy
from o2o.kernel.db import db
from tests.house.matrix import METHODS, ROLES, TRANSPORTS, address, changed, fingerprint, may
from tests.house.world import CANARIES, HOLDERS, build_world, clients

# Addresses whose object belongs to one person; the argument names it.
PERSONAL = {
    "order_id": "guest",
    "pass_id": "guest",
    "login_id": "guest",
    "passkey_id": "guest",
    "review": "guest",
    "visit_id": "guest",
    "strike_id": "guest",
    "note": "guest",
}
# Roads that a stranger to the object may still take: their token or reference is the permission.
BEARER = {"token", "code", "ref", "provider", "digest", "z", "x", "y"}
REFUSALS = {401, 403, 404}


@cache
def all_rules() -> list[str]:
    """List the addresses once, for one test each."""
    with TemporaryDirectory() as folder:
        app = create_app({"TESTING": "1", "O2O_SECRET_KEY": "matrix" * 8, "O2O_DATA_DIR": folder})
    return sorted({rule.rule for rule in app.url_map.iter_rules()})


def rules_at(app: Flask, path: str) -> list[Any]:
    return [rule for rule in app.url_map.iter_rules() if rule.rule == path]


def holds(rule: Any, policy: Policy, role: str, thing: str) -> bool:
    """Tell whether this role may reach this object at this address."""
    if thing == "missing" and rule.arguments - BEARER:
        return False
    if policy.shop is not None:
        return role in HOLDERS[thing][policy.kind]
    personal = set(PERSONAL) & rule.arguments
    if personal:
        return role == HOLDERS[thing]["guest"]
    if {"redemption_id", "arrival_id"} & rule.arguments:
        return role in HOLDERS[thing]["staff"]
    return may(policy, role)


@pytest.mark.sqlite_only("access is decided before the database differs; the rules' own tests run on both")
@pytest.mark.parametrize("path", all_rules())
def test_nobody_reaches_what_is_not_theirs(app: Flask, path: str) -> None:
    things = build_world(db.session)
    visitors = clients(app, things)
    before = fingerprint(db.session)
    statuses: dict[tuple[str, str, str, str], int] = {}
    posts = {rule.endpoint: rule for rule in rules_at(app, path) if "POST" in rule.methods}
    for rule in rules_at(app, path):
        policy = app.extensions["o2o.policies"][rule.endpoint]
        for thing in ("A", "B", "missing") if rule.arguments else ("A",):
            target = address(app, rule, things, thing)
            for role in ROLES:
                for method in METHODS:
                    if method == "POST" and may_post(app, posts, role, thing):
                        continue
                    for transport, headers in transports(rule, method, role):
                        answer = ask(visitors[role], method, target, headers)
                        statuses[method, role, thing, transport] = answer.status_code
                        where = f"{method} {target} as {role} by {transport}: {answer.status_code}"
                        assert answer.status_code < 500, where
                        check_refusal(rule, policy, role, thing, method, answer, where)
                        check_canaries(rule, policy, role, thing, answer, where)
    assert changed(before) == set(), f"{path}: rows changed by requests that may not change anything"
    for (method, role, thing, transport), status in statuses.items():
        if thing == "B" and role != "anonymous" and status in REFUSALS:
            missing = statuses[method, role, "missing", transport]
            assert missing == status, (
                f"{method} {path} as {role}: not yours is {status}, missing is {missing}"
            )


@pytest.mark.sqlite_only("the rules' own tests run on both")
@pytest.mark.parametrize("path", all_rules())
def test_an_empty_post_by_those_who_may_is_answered_kindly(app: Flask, path: str) -> None:
    things = build_world(db.session)
    visitors = clients(app, things)
    for rule in rules_at(app, path):
        if "POST" not in rule.methods:
            continue
        policy = app.extensions["o2o.policies"][rule.endpoint]
        for role in ROLES:
            if holds(rule, policy, role, "A"):
                for headers in TRANSPORTS.values():
                    answer = ask(visitors[role], "POST", address(app, rule, things, "A"), headers)
                    assert answer.status_code < 500, f"{path} as {role}: {answer.status_code}"


def transports(rule: Any, method: str, role: str) -> list[tuple[str, dict[str, str]]]:
    """List how a request may come; a method that the address does not know is refused before anybody looks at who."""
    is_known = method in rule.methods or role == "anonymous"
    return [(name, headers) for name, headers in TRANSPORTS.items() if is_known or name == "page"]


def may_post(app: Flask, posts: dict[str, Any], role: str, thing: str) -> bool:
    """Tell whether a POST at this path would be carried out: those are tried apart, on a world of their own."""
    policies = app.extensions["o2o.policies"]
    return any(holds(rule, policies[endpoint], role, thing) for endpoint, rule in posts.items())


def ask(client: FlaskClient, method: str, target: str, headers: dict[str, str]) -> Any:
    return client.open(target, method=method, headers=headers, data={} if method == "POST" else None)


def check_refusal(
    rule: Any, policy: Policy, role: str, thing: str, method: str, answer: Any, where: str
) -> None:
    """A method the route does not know is 405; one who may not is sent to sign in or told 404."""
    if method not in rule.methods:
        return
    if policy.kind != "public" and role == "anonymous":
        to_sign_in = (answer.location or answer.headers.get("HX-Redirect") or "").startswith("/sign-in")
        assert answer.status_code == 401 or to_sign_in, where
    elif not holds(rule, policy, role, thing) and policy.kind != "public":
        fresh = (answer.location or answer.headers.get("HX-Redirect") or "").startswith("/sign-in")
        # A form that cannot be read is refused before anything is looked up: it tells nothing either.
        unread = {400, 422} if method == "POST" else set()
        assert answer.status_code in REFUSALS | unread or fresh, where


def check_canaries(rule: Any, policy: Policy, role: str, thing: str, answer: Any, where: str) -> None:
    """What belongs to one side never shows to somebody of the other."""
    body = answer.get_data()
    for owner, words in CANARIES.items():
        if role in HOLDERS[owner]["all"] or role == "operator":
            continue
        if rule.arguments & {"token"} and owner == thing:
            continue
        for word in words:
            assert word.encode() not in body, f"{where}: shows {word}"
