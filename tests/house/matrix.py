"""The access matrix: every rule × method × role × object × transport, made from the app's own url map."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from o2o.kernel.access import MAY, Policy
from o2o.kernel.db import Base, db

# "former" ran shop A as its manager and works there no more.
ROLES = (
    "anonymous", "guest", "stranger", "staff", "manager", "owner", "other_owner", "former", "operator",
)  # fmt: skip
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH")
TRANSPORTS: dict[str, dict[str, str]] = {
    "page": {"Accept": "text/html"},
    "htmx": {"Accept": "text/html", "HX-Request": "true"},
    "json": {"Accept": "application/json"},
}
OBJECTS = ("own", "other", "missing")
# Rows that a GET may append; nothing a person would notice. Each with its reason.
MAY_APPEND = {
    "limit_hit": "rate limits count look-ups of codes",
    "poster_day": "openings of a poster's address are counted, nobody by name",
    "look": "a shop's looks at its guests are written down, for the guests to read",
}


@dataclass(frozen=True)
class Case:
    """One request of the matrix."""

    rule: Rule
    method: str
    role: str
    thing: str
    transport: str

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule} as {self.role}, {self.thing}, {self.transport}"


def cases(app: Flask) -> Iterator[Case]:
    """Yield the whole matrix; objects vary only where the address names one."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        for method in METHODS:
            for role in ROLES:
                for thing in OBJECTS if rule.arguments else OBJECTS[:1]:
                    for transport in TRANSPORTS:
                        yield Case(rule, method, role, thing, transport)


def address(app: Flask, rule: Rule, things: dict[str, dict[str, Any]], thing: str) -> str:
    """Fill a rule's arguments; an argument without a fixture is an error, so that nothing is forgotten."""
    missing = rule.arguments - things[thing].keys()
    if missing:
        raise LookupError(f"{rule.rule}: no fixture for {missing}; add it to tests/house/test_matrix.py")
    with app.test_request_context():
        return str(
            app.url_map.bind("localhost").build(rule.endpoint, {a: things[thing][a] for a in rule.arguments})
        )


def may(policy: Policy, role: str) -> bool:
    """Tell whether this role passes the policy for its own objects."""
    if policy.kind == "public":
        return True
    if role == "anonymous":
        return False
    if policy.kind == "operator":
        return role == "operator"
    if policy.shop is not None:
        return role in MAY[policy.kind]
    return True


def fingerprint(session: Session) -> dict[str, str]:
    """Hash every table's rows."""
    found = {}
    for table in Base.metadata.sorted_tables:
        rows = session.execute(select(table)).all()
        found[table.name] = hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()
    session.rollback()
    return found


def changed(before: dict[str, str]) -> set[str]:
    """Name the tables that changed since, but for those that may append."""
    now = fingerprint(db.session)
    return {name for name in now if now[name] != before[name]} - MAY_APPEND.keys()
