"""The merchant's home: the day for everybody, the rest for owners."""

import gzip
import re
from datetime import UTC, date, datetime, timedelta

import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from o2o.accounts.models import Account
from o2o.branches.rules import as_draft
from o2o.conduct.models import Sanction
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.leaving.models import Closing
from o2o.offers import rules as offers
from o2o.passes.models import Pass
from o2o.redemption import rules as redemption
from o2o.shops.models import Shop
from tests.counting import counting
from tests.factories import (
    make_account,
    make_pass,
    make_poster,
    make_role,
    make_shop,
    make_terms,
    make_visit,
)
from tests.papers.town import START, admitted
from tests.tills.phones import make_till


def work(client: FlaskClient, handle: str, kind: str, name: str = "小满咖啡") -> int:
    client.sign_in(handle)
    begin_write()
    shop = make_shop(db.session, name)
    make_role(db.session, shop, handle, kind, "林小满")
    make_terms(db.session, shop)
    shop_id = shop.id
    db.session.commit()
    return shop_id


def test_one_shop_needs_no_choice_and_several_do(client: FlaskClient) -> None:
    client.sign_in("owner")
    assert "You do not work at a shop yet" in client.get("/console").get_data(as_text=True)
    first = work(client, "owner", "owner")
    assert client.get("/console").location == f"/console/{first}"
    work(client, "owner", "staff", "别家")
    page = client.get("/console").get_data(as_text=True)
    assert "小满咖啡" in page
    assert "别家" in page


def test_owners_see_offers_people_and_money(client: FlaskClient) -> None:
    shop = work(client, "owner", "owner")
    page = client.get(f"/console/{shop}").get_data(as_text=True)
    for words in (
        "双人手冲咖啡",
        "林小满",
        "Became yours today",
        f"/console/{shop}/staff",
        "Nothing redeemed yet",
    ):
        assert words in page


def test_what_waits_leads_to_where_it_is_done(client: FlaskClient) -> None:
    shop = work(client, "owner", "owner")
    quiet = client.get(f"/console/{shop}").get_data(as_text=True)
    assert 'id="waits"' not in quiet
    begin_write()
    row = db.session.get_one(Shop, shop)
    terms = make_terms(db.session, row)
    offers.prepare(db.session, shop_id=shop, draft=as_draft(terms))
    make_visit(db.session, make_poster(db.session, row), "guest")
    make_role(db.session, row, "helper")
    make_till(db.session, row, "helper")
    db.session.commit()
    page = client.get(f"/console/{shop}").get_data(as_text=True)
    for words, path in (
        ("1 offer is a draft", f"/console/{shop}/offers"),
        ("1 guest checked in just now", f"/till/arrivals?shop={shop}"),
        ("1 phone asks to become a till.", f"/console/{shop}/tills"),
    ):
        assert words in page
        assert f'href="{path}"' in page


def test_a_closing_and_a_sanction_are_said_on_top(client: FlaskClient) -> None:
    shop = work(client, "owner", "owner")
    begin_write()
    now = clock.now()
    by = make_account(db.session, "operator").id
    given = {"rule": "misleading", "evidence": "照片不符", "state": "in_force", "created_at": now}
    given |= {"appeal_until": now + timedelta(days=14), "decision": "", "link": ""}
    db.session.add(Sanction(shop_id=shop, step="warn", created_by=by, **given))
    db.session.add(Closing(shop_id=shop, account_id=by, asked_at=now, closes_at=now + timedelta(days=3)))
    db.session.commit()
    page = client.get(f"/console/{shop}").get_data(as_text=True)
    assert "The platform took a step against this shop." in page
    assert "This shop closes on" in page
    assert page.index("This shop closes on") < page.index("Uses redeemed today")


def test_an_ending_licence_is_said_a_month_ahead(client: FlaskClient) -> None:
    with time_machine.travel(START, tick=False) as traveller:
        begin_write()
        claim, shop = admitted(db.session, date(2026, 8, 31))
        owner, path = db.session.get_one(Account, claim.account_id).handle, f"/console/{shop.id}"
        db.session.commit()
        for day, words in (
            (START, None),
            (datetime(2026, 8, 10, tzinfo=UTC), "Sells until Aug 31, 2026 only: Business licence"),
            (datetime(2026, 9, 1, tzinfo=UTC), "<b>Not selling since Sep 1, 2026: Business licence</b>"),
        ):
            traveller.move_to(day)
            client.sign_in(owner)
            page = client.get(path).get_data(as_text=True)
            said = re.findall(r'<a href="/console/\d+/admission">.*?<span>(.*?)</span>', page)
            assert said == ([words] if words else [])
        page = client.get(path, headers={"Accept-Language": "zh-CN"}).get_data(as_text=True)
        assert "：营业执照</b>" in page


def test_a_long_day_is_counted_whole_and_shown_in_part(client: FlaskClient) -> None:
    shop = work(client, "owner", "owner")

    def sell(count: int, name: str) -> None:
        begin_write()
        terms = make_terms(db.session, db.session.get_one(Shop, shop), uses=1)
        for number in range(count):
            held = make_pass(db.session, terms, f"{name}{number}")
            take(db.session, held, f"{name}-nonce-{number:08d}")
        db.session.commit()

    sell(1, "early")
    client.get(f"/console/{shop}")
    with counting() as few:
        client.get(f"/console/{shop}")
    sell(49, "later")
    client.get(f"/console/{shop}")
    with counting() as many:
        answer = client.get(f"/console/{shop}")
    page = answer.get_data(as_text=True)
    assert '<span class="big num">50</span> <span class="small">Uses redeemed today</span>' in page
    assert "And 20 earlier ones today." in page
    assert len(many) == len(few)
    assert len(few) <= 15
    assert len(gzip.compress(answer.get_data())) <= 12 * 1024


def take(session: Session, held: Pass, nonce: str) -> None:
    staff = make_account(session, "owner").id
    given = {"text": held.short_code, "quantity": 1, "nonce": nonce, "now": clock.now()}
    assert redemption.redeem(session, shop_id=held.shop_id, staff_id=staff, **given).redemption_id


def test_a_claim_leads_to_its_papers(client: FlaskClient) -> None:
    client.sign_in("guest")
    begin_write()
    shop = make_shop(db.session, status="unclaimed")
    make_role(db.session, shop, "guest", "claimant")
    shop_id = shop.id
    db.session.commit()
    assert client.get(f"/console/{shop_id}").location == f"/console/{shop_id}/admission"


def test_managers_see_offers_and_money_but_no_people(client: FlaskClient) -> None:
    shop = work(client, "helper", "manager")
    page = client.get(f"/console/{shop}").get_data(as_text=True)
    assert "双人手冲咖啡" in page
    assert "Became yours today" in page
    assert f"/console/{shop}/staff" not in page


def test_staff_see_the_day_only(client: FlaskClient) -> None:
    shop = work(client, "staff", "staff")
    page = client.get(f"/console/{shop}").get_data(as_text=True)
    assert "Open the till" in page
    for words in ("双人手冲咖啡", "Became yours today", f"/console/{shop}/staff", f"/console/{shop}/offers"):
        assert words not in page
    client.sign_in("guest")
    assert client.get(f"/console/{shop}").status_code == 404
