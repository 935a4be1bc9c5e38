"""POST /till/sync: who may, what is refused and how, and that no answer ever loses or doubles anything."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from o2o.claims import effects, views
from o2o.claims.models import Claim, Entry
from o2o.kernel import checks, clock
from o2o.kernel.db import begin_write, db
from o2o.passes.models import Pass
from o2o.redemption.models import Redemption
from o2o.shops.models import Role
from o2o.tills import rules as tills
from o2o.tills.models import Till
from tests.claims.tillkit import Counter, TillPhone, ago, open_counter
from tests.factories import make_account
from tests.visitor import Visitor

JSON = {"Accept": "application/json"}


def message(phone: TillPhone, entries: list[Any], **more: Any) -> dict[str, Any]:
    head = phone.ledger[-1]["seq"] if phone.ledger else 0
    given = {"till": phone.id, "shop": phone.shop, "cursor": 0, "head": head, "entries": entries}
    return {**given, "now": clock.millis(clock.now()), "app": "test", **more}


def post(visitor: Visitor, body: Any, **headers: str) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return visitor.post("/till/sync", data=data, content_type="application/json", headers={**JSON, **headers})


def refused(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer.mimetype, answer.json["code"]) == (
        status,
        "application/problem+json",
        code,
    )
    assert answer.json["title"]


def rows(table: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_one_call_hands_over_and_hears(staff: Visitor, counter: Counter, till: TillPhone) -> None:
    sold = counter.sell()
    till.redeem(sold, ago(hours=1))
    answer = post(staff, message(till, till.ledger))
    assert answer.status_code == 200
    said = answer.json
    assert said.keys() == {"now", "cursor", "more", "verdicts", "delta", "session", "till"}
    assert said["verdicts"][0]["verdict"] == "stored"
    assert said["delta"]["used"] == [[sold.pass_id, 1, 1]]
    assert said["session"]["staff"] == counter.staff
    assert (said["session"]["name"], said["till"]) == ("阿明", {"name": "A", "state": "active"})
    assert said["session"]["until"] - said["now"] == 12 * 3_600_000
    again = post(staff, message(till, [], cursor=said["cursor"])).json
    assert (again["verdicts"], again["delta"]["codes"], again["delta"]["first"]) == ([], [], False)
    row = db.session.get_one(Till, till.id)
    assert (row.acked, row.head) == (said["cursor"], 1)


def test_who_may_not_is_told_in_problem_json(
    client: Visitor, counter: Counter, till: TillPhone, app: Flask
) -> None:
    assert post(client, message(till, [])).status_code == 401
    other = open_counter()
    waiting = counter.till("W", state="waiting")
    client.sign_in("staff")
    refused(post(client, message(till, [], shop=987_654)), 404, "not_found")
    refused(post(client, message(till, [], till="f" * 16)), 404, "not_found")
    refused(post(client, message(till, [], shop=other.shop)), 404, "not_found")
    refused(post(client, message(waiting, [])), 409, "till_waiting")
    refused(
        post(client, message(till, []), **{"Accept-Language": "zh"}, **{"Sec-Fetch-Site": "cross-site"}),
        403,
        "foreign_origin",
    )
    stranger = Visitor(app, app.response_class)
    stranger.sign_in("stranger")
    refused(post(stranger, message(till, [])), 404, "not_found")
    begin_write()
    for role in db.session.scalars(select(Role).where(Role.account_id == counter.staff)):
        role.ended_at = clock.now()
    db.session.commit()
    refused(post(client, message(till, [])), 403, "not_staff")


def test_a_till_that_names_no_form_of_answer_reads_problem_json_in_its_language(
    client: Visitor, till: TillPhone
) -> None:
    body = json.dumps(message(till, [])).encode()
    given: dict[str, Any] = {"data": body, "content_type": "application/json"}
    anything = {"Accept": "*/*", "Accept-Language": "zh-CN"}
    signed_out = client.post("/till/sync", **given, headers=anything)
    refused(signed_out, 401, "sign_in")
    assert signed_out.json["title"] == "请先登录。"
    foreign = {**anything, "Sec-Fetch-Site": "cross-site"}
    refused(client.post("/till/sync", **given, headers=foreign), 403, "foreign_origin")
    page = client.post("/till/sync", **given, headers={"Accept": "text/html"})
    assert page.status_code == 303


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_json"),
        (b"{", 400, "bad_json"),
        (b"[" * 100_000, 400, "bad_json"),
        (b"\xff\xfe", 400, "bad_json"),
        (b"[]", 400, "bad_batch"),
        (b"{}", 400, "bad_batch"),
        (b" " * 1_000_001, 413, "too_large"),
        ({"entries": {}}, 400, "bad_batch"),
        ({"entries": [None] * 201}, 413, "too_many"),
        ({"till": 5}, 400, "bad_batch"),
        ({"till": "\ud800"}, 400, "bad_batch"),
        ({"shop": True}, 400, "bad_batch"),
        ({"cursor": -1}, 400, "bad_batch"),
        ({"head": 2**31}, 400, "bad_batch"),
        ({"now": 1.5}, 400, "bad_batch"),
        ({"app": "x" * 41}, 400, "bad_batch"),
        ({"more": 1}, 400, "bad_batch"),
    ],
    ids=repr,
)
def test_bad_messages(staff: Visitor, till: TillPhone, body: Any, status: int, code: str) -> None:
    refused(post(staff, {**message(till, []), **body} if isinstance(body, dict) else body), status, code)


def test_another_kind_of_content(staff: Visitor, till: TillPhone) -> None:
    answer = staff.post("/till/sync", data={"till": till.id}, headers=JSON)
    refused(answer, 415, "not_json")


def test_too_often_says_when_to_come_again(
    staff: Visitor, till: TillPhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_CALLS", 2)
    answers = [post(staff, message(till, [])) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    refused(answers[2], 429, "too_often")
    assert answers[2].headers["Retry-After"] == "60"


def test_a_revoked_till_may_hand_over_and_hears_nothing(
    staff: Visitor, counter: Counter, till: TillPhone
) -> None:
    sold = counter.sell()
    till.redeem(sold, ago(hours=1))
    begin_write()
    owner = make_account(db.session, "owner").id
    tills.revoke(db.session, shop_id=counter.shop, till_id=till.id, account_id=owner, now=clock.now())
    db.session.commit()
    said = post(staff, message(till, till.ledger)).json
    assert (said["verdicts"][0]["verdict"], said["till"]["state"]) == ("stored", "revoked")
    assert said["delta"].keys() == {"keys"}


def test_poison_in_the_middle_stops_nobody(
    staff: Visitor, counter: Counter, till: TillPhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = [counter.sell(f"guest{number}") for number in range(5)]
    for sold in passes:
        till.redeem(sold, ago(hours=1))
    poison = till.ledger[2]["claim_id"]
    taken = effects._taken

    def poisoned(claim: Claim) -> Any:
        if claim.id == poison:
            raise ZeroDivisionError
        return taken(claim)

    monkeypatch.setattr(effects, "_taken", poisoned)
    said = post(staff, message(till, till.ledger)).json
    assert [word["verdict"] for word in said["verdicts"]] == ["stored", "stored", "retry", "stored", "stored"]
    assert {row[0] for row in said["delta"]["used"]} == {sold.pass_id for sold in passes} - {
        passes[2].pass_id
    }
    assert (rows(Claim), db.session.get_one(Till, till.id).head) == (4, 2)
    assert checks.broken(db.session) == []
    monkeypatch.setattr(effects, "_taken", taken)
    said = post(staff, message(till, till.ledger)).json
    assert [word["verdict"] for word in said["verdicts"]] == ["duplicate"] * 2 + ["stored"] + [
        "duplicate"
    ] * 2
    assert (rows(Redemption), db.session.get_one(Till, till.id).head) == (5, 5)
    assert checks.broken(db.session) == []


def test_one_poisonous_entry_of_a_pass_leaves_the_others(
    staff: Visitor, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = open_counter(uses=3)
    till, sold = counter.till(), counter.sell()
    for hours in (3, 2, 1):
        till.redeem(sold, ago(hours=hours))
    poison = till.ledger[1]["claim_id"]
    taken = effects._taken

    def poisoned(claim: Claim) -> Any:
        if claim.id == poison:
            raise ZeroDivisionError
        return taken(claim)

    monkeypatch.setattr(effects, "_taken", poisoned)
    visitor = Visitor(app, app.response_class)
    visitor.sign_in("staff")
    said = post(visitor, message(till, till.ledger)).json
    assert [word["verdict"] for word in said["verdicts"]] == ["stored", "retry", "stored"]
    assert db.session.get_one(Pass, sold.pass_id).uses_left == 1
    assert checks.broken(db.session) == []


def test_an_answer_that_was_lost_after_the_commit(
    staff: Visitor, counter: Counter, till: TillPhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold = counter.sell()
    till.redeem(sold, ago(hours=1))

    def cut(*_: Any, **__: Any) -> Any:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(views, "delta", cut)
        with pytest.raises(ConnectionError):
            post(staff, message(till, till.ledger))
    said = post(staff, message(till, till.ledger)).json
    assert said["verdicts"][0]["verdict"] == "duplicate"
    assert (rows(Entry), rows(Redemption)) == (1, 1)
    assert checks.broken(db.session) == []


def test_a_lone_surrogate_costs_only_its_own_entry(staff: Visitor, counter: Counter, till: TillPhone) -> None:
    good = till.redeem(counter.sell(), ago(hours=1))
    bad = {**good, "note": "\ud800"}
    said = post(staff, message(till, [bad, good])).json
    assert [(word["verdict"], word["reason"]) for word in said["verdicts"]] == [
        ("rejected", "format"),
        ("stored", ""),
    ]


def test_answers_speak_the_visitors_language(staff: Visitor, till: TillPhone) -> None:
    english = post(staff, b"{").json["title"]
    assert english.startswith("This till's message is damaged.")
