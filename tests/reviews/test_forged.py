"""No review, answer, line, visit or sale without a person and a proof of their own: the database itself refuses.

Rules and forms refuse too (test_rules.py, test_views.py); here somebody holds the database's own pen.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from o2o.kernel.db import begin_write, db
from o2o.orders.models import Order, OrderPass
from o2o.passes.models import Pass
from tests.factories import make_account, make_terms
from tests.reviews.forger import forge
from tests.reviews.town import Corner

NOW = datetime(2026, 6, 3, 4, 0, tzinfo=UTC)


@pytest.fixture
def rows(app: Flask) -> dict[str, dict[str, Any]]:
    """Give a sound row of each table, and what a forger would put in its place."""
    begin_write()
    here, there = Corner(db.session), Corner(db.session, "另一家")
    mine, second = here.redeemed(), here.redeemed()
    other, abroad = here.redeemed("stranger"), there.redeemed()
    visit, theirs = here.visited(), here.visited("stranger")
    away = there.visited()
    beside = make_terms(db.session, here.shop, title="Beside")
    guest, shop = make_account(db.session, "guest").id, here.shop.id
    whose = {"shop_id": shop, "account_id": guest, "at": NOW}
    proof = {"redemption_id": mine.id, "pass_id": mine.pass_id}
    things = {
        "review": {**whose, **proof, "visit_id": None, "key": "k", "rating": 5, "text": "", "state": "shown"},
        "answer": {
            **whose,
            **proof,
            "terms_id": here.terms.id,
            "offer_id": here.offer_id,
            "is_kept": True,
            "missing": None,
        },
        "line": {**whose, **proof, "visit_id": None, "key": "k", "text": "x"},
        "other offer": {"terms_id": beside.id, "offer_id": beside.offer_id},
        "another's offer": {"offer_id": there.offer_id},
        "stranger": {"account_id": make_account(db.session, "stranger").id},
        "second": {"redemption_id": second.id},
        "other's": {"redemption_id": other.id, "pass_id": other.pass_id},
        "abroad": {"redemption_id": abroad.id, "pass_id": abroad.pass_id},
        "all abroad": {
            "redemption_id": abroad.id,
            "pass_id": abroad.pass_id,
            "terms_id": there.terms.id,
            "offer_id": there.offer_id,
        },
        "elsewhere": {"shop_id": there.shop.id},
        "visited": {"redemption_id": None, "pass_id": None, "visit_id": visit.id},
        "other's visit": {"redemption_id": None, "pass_id": None, "visit_id": theirs.id},
        "visit abroad": {"redemption_id": None, "pass_id": None, "visit_id": away.id},
    }
    db.session.commit()
    return things


NOBODY = {"account_id": None}
NO_PROOF = {"redemption_id": None, "pass_id": None}
# Table, what the forger changes (a name of the rows above, or values), and who refuses.
FORGED: list[tuple[str, Any, str]] = [
    ("review", NOBODY, "review.account_id not null"),
    ("review", {"account_id": 987654}, "fk_review_own_pass or fk_review_account_id_account"),
    ("review", NO_PROOF, "ck_review_one_proof"),
    ("review", {"redemption_id": None}, "ck_review_one_proof"),
    ("review", {"pass_id": None}, "ck_review_proof_whole"),
    ("review", {"redemption_id": "f" * 16}, "fk_review_redeemed_pass"),
    ("review", {"visit_id": "f" * 16}, "ck_review_one_proof"),
    ("review", "second", "fk_review_redeemed_pass"),
    ("review", "other's", "fk_review_own_pass"),
    ("review", "stranger", "fk_review_own_pass"),
    ("review", "abroad", "fk_review_redeemed_here"),
    ("review", "elsewhere", "fk_review_redeemed_here"),
    ("review", "other's visit", "fk_review_own_visit"),
    ("review", "visit abroad", "fk_review_visit_here"),
    ("review", {"rating": 6}, "ck_review_rating_range"),
    ("review", {"rating": 0}, "ck_review_rating_range"),
    ("review", {"state": "hidden"}, "ck_review_hidden_has_reason"),
    ("answer", NOBODY, "answer.account_id not null"),
    ("answer", {"redemption_id": None}, "answer.redemption_id not null"),
    ("answer", {"pass_id": None}, "answer.pass_id not null"),
    ("answer", {"redemption_id": "f" * 16}, "fk_answer_redeemed_pass"),
    ("answer", "second", "fk_answer_redeemed_pass"),
    ("answer", "other's", "fk_answer_own_pass"),
    ("answer", "stranger", "fk_answer_own_pass"),
    ("answer", "all abroad", "fk_answer_redeemed_here"),
    ("answer", "elsewhere", "fk_answer_redeemed_here"),
    ("answer", "other offer", "fk_answer_pass_terms"),
    ("answer", "another's offer", "fk_answer_own_offer"),
    ("answer", {"is_kept": False}, "ck_answer_no_says_what"),
    ("line", NOBODY, "line.account_id not null"),
    ("line", NO_PROOF, "ck_line_one_proof"),
    ("line", "other's", "fk_line_own_pass"),
    ("line", "abroad", "fk_line_redeemed_here"),
    ("line", "other's visit", "fk_line_own_visit"),
    ("line", "visit abroad", "fk_line_visit_here"),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:Column 'answer.redemption_id' is marked:sqlalchemy.exc.SAWarning")
@pytest.mark.parametrize("by_orm", [False, True], ids=["raw", "orm"])
def test_the_named_constraint_refuses(rows: dict[str, dict[str, Any]], by_orm: bool) -> None:
    for table in ("review", "answer", "line"):
        assert forge(table, rows[table], by_orm=by_orm) == set(), f"the sound {table} is refused"
    assert forge("review", {**rows["review"], **rows["visited"]}, by_orm=by_orm) == set()
    for table, change, constraint in FORGED:
        changed = rows[change] if isinstance(change, str) else change
        refused = forge(table, {**rows[table], **changed}, by_orm=by_orm)
        assert refused & set(constraint.split(" or ")), f"{table} {change}: {refused}"


def test_one_proof_is_one_review(rows: dict[str, dict[str, Any]]) -> None:
    begin_write()
    from o2o.reviews.models import Review

    db.session.add(Review(**rows["review"]))
    db.session.flush()
    db.session.add(Review(**{**rows["review"], **rows["visited"], "key": "visit"}))
    db.session.commit()
    again = {**rows["review"], "key": "another"}
    assert forge("review", again) == {"uq_review_redemption_id"}
    assert forge("review", {**again, **rows["visited"]}) == {"uq_review_visit_id"}


@pytest.mark.parametrize("table", ["pass", "purchase", "purchase_pass", "redemption", "visit"])
def test_no_sale_and_no_proof_without_a_person(rows: dict[str, dict[str, Any]], table: str) -> None:
    """A sale is a purchase with its passes; a proof hangs on them: none of these rows can be nobody's."""
    wanted: dict[str, tuple[str, str]] = {
        "pass": ("account_id", "fk_pass_account_id_account"),
        "purchase": ("account_id", "fk_purchase_account_id_account"),
        "purchase_pass": ("pass_id", "fk_purchase_pass_pass_id_pass"),
        "redemption": ("pass_id", "fk_redemption_pass_id_pass"),
        "visit": ("account_id", "fk_visit_account_id_account"),
    }
    from o2o.kernel.db import Base

    column, key = wanted[table]
    found = db.session.execute(select(Base.metadata.tables[table])).mappings().first()
    assert found is not None
    assert {Pass.__tablename__, Order.__tablename__, OrderPass.__tablename__} <= wanted.keys()
    row = {
        name: value
        for name, value in found.items()
        if name not in ("id", "short_code", "nonce", "number", "key", "intent_id")
    }
    fresh = {
        "id": "e" * 16,
        "short_code": "FRESHCODE123",
        "nonce": "fresh-nonce",
        "number": 99,
        "key": "fresh",
    }
    row |= {name: value for name, value in fresh.items() if name in found}
    if table == "purchase":
        assert forge(table, row) == {"ck_purchase_paid_by_payment"}  # its payment was left out
        row |= {"state": "held", "paid_at": None}
    assert forge(table, row) == set() or table == "purchase_pass"
    assert forge(table, {**row, column: None}) == {f"{table}.{column} not null"}
    nobody: Any = 987654 if column == "account_id" else "f" * 16
    assert key in forge(table, {**row, column: nobody})


def test_nothing_is_sold_or_redeemed_at_another_shop(rows: dict[str, dict[str, Any]]) -> None:
    """A redemption at a shop is of a pass of that shop, sold under terms of that shop."""
    from o2o.kernel.db import Base

    elsewhere = rows["elsewhere"]
    for table, key in (
        ("redemption", "fk_redemption_pass_here"),
        ("pass", "fk_pass_terms_here"),
        ("purchase", "fk_purchase_terms_here"),
    ):
        found = db.session.execute(select(Base.metadata.tables[table]).order_by("id")).mappings().first()
        assert found is not None
        fresh = {"id": "e" * 16, "short_code": "FRESHCODE123", "nonce": "fresh-nonce", "number": 99}
        row = {**found, **{name: value for name, value in fresh.items() if name in found}}
        if table == "purchase":
            row |= {"state": "held", "paid_at": None, "intent_id": None}
        other = {"shop_id": next(n for n in (1, 2) if n != found["shop_id"])}
        assert elsewhere["shop_id"] in (1, 2)
        assert forge(table, row) == set()
        assert forge(table, {**row, **other}) == {key}
