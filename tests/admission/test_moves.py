"""The verbs of a claim: who gets what, who is told, what is cleared."""

from datetime import timedelta

import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.admission import chores
from o2o.admission import rules as admission
from o2o.kernel import clock, journal
from o2o.kernel.db import begin_write
from o2o.menus.models import MenuLine
from o2o.offers import rules as offers
from o2o.offers.models import Offer
from o2o.onboarding import queries as claims
from o2o.onboarding import rules as onboarding
from o2o.onboarding.models import Claim
from o2o.papers import queries as answers
from o2o.papers import rules as papers
from o2o.payouts.models import Payout
from o2o.pictures import rules as pictures
from o2o.pictures.models import Picture
from o2o.shops import queries as shops
from o2o.shops import rules as shop_rules
from o2o.shops.models import Role
from tests.onboarding.town import (
    DRAFT,
    PHOTO,
    accept_all,
    answer,
    answer_all,
    decide,
    line,
    make_admitted,
    make_claim,
    make_listing,
    make_operator,
    make_ready,
    now_roles,
    refused,
    told,
)


def prepare_all(session: Session, claim: Claim) -> None:
    """Put something of every kind on the shop that is claimed."""
    shop_id, account_id = claim.shop_id, claim.account_id or 0
    session.add(MenuLine(shop_id=shop_id, name="牛肉面", price=2500, position=1))
    given = {"shop_id": shop_id, "account_id": account_id, "prepared": PHOTO}
    pictures.add(session, **given, caption="", now=clock.now())
    offers.prepare(session, shop_id=shop_id, draft=DRAFT)
    session.add(
        Payout(shop_id=shop_id, account_id=account_id, sealed="x", tail="1234", created_at=clock.now())
    )
    shop_rules.prepare_shop(session, shop_id=shop_id, account_id=account_id, about="自家拉面")
    session.flush()


def prepared_rows(session: Session, shop_id: int) -> list[int]:
    session.flush()
    live = (
        select(MenuLine.id).where(MenuLine.shop_id == shop_id),
        select(Picture.id).where(Picture.shop_id == shop_id),
        select(Offer.id).where(Offer.shop_id == shop_id, Offer.state == "draft"),
        select(Payout.id).where(Payout.shop_id == shop_id, Payout.ended_at.is_(None)),
        select(Role.id)
        .where(Role.shop_id == shop_id, Role.prepared.is_not(None))
        .where(Role.ended_at.is_(None)),
    )
    return [len(session.scalars(rows).all()) for rows in live]


def test_the_first_holds_and_may_prepare(session: Session) -> None:
    shop = make_listing(session)
    claim = make_claim(session, shop)
    assert (claim.state, claim.way, shop.status) == ("onboarding", "claim", "unclaimed")
    assert now_roles(session, claim) == {"claimant"}
    again = onboarding.claim(session, shop_id=shop.id, account_id=claim.account_id, now=clock.now())
    assert again.id == claim.id
    assert not shops.works_at(session, claim.account_id, shop.id)


def test_submit_needs_every_line_and_take_back_opens_it(session: Session) -> None:
    claim = make_claim(session, make_listing(session))
    refused("lines_open", papers.submit, session, claim_id=claim.id, now=clock.now())
    answer_all(session, claim)
    for _ in range(2):
        assert papers.submit(session, claim_id=claim.id, now=clock.now()).state == "ready_for_review"
    refused("taken_in", answer, session, claim, "identity")
    assert claims.count_waiting(session) == 1
    for _ in range(2):
        assert papers.take_back(session, claim_id=claim.id, now=clock.now()).state == "onboarding"
    answer(session, claim, "identity")


def test_approve_needs_every_line_settled(session: Session) -> None:
    claim = make_ready(session, make_listing(session))
    by = make_operator(session)
    refused("lines_open", admission.approve, session, claim_id=claim.id, by=by, now=clock.now())
    accept_all(session, claim)
    admission.approve(session, claim_id=claim.id, by=by, now=clock.now())
    assert (claim.state, claim.decided_by) == ("approved", by)
    refused("no_way", admission.approve, session, claim_id=claim.id, by=by, now=clock.now())


def test_approval_makes_the_owner_and_writes_what_was_prepared(session: Session) -> None:
    shop = make_listing(session)
    claim = make_claim(session, shop)
    session.commit()
    journal.deliver(session)
    begin_write(session)
    prepare_all(session, claim)
    assert shop.about is None
    answer_all(session, claim)
    papers.submit(session, claim_id=claim.id, now=clock.now())
    accept_all(session, claim)
    admission.approve(session, claim_id=claim.id, by=make_operator(session), now=clock.now())
    assert now_roles(session, claim) == {"owner"}
    assert (shop.status, shop.about) == ("claimed", "自家拉面")
    assert shop.sells(clock.now())
    assert prepared_rows(session, shop.id) == [1, 1, 1, 1, 0]
    session.commit()
    journal.deliver(session, everything=True)
    assert told(session, "wang") == ["role.owner"]
    session.rollback()
    assert [row.way for row in session.scalars(select(Claim))] == ["claim"]


def test_giving_back_needs_a_reason_or_a_refused_line(session: Session) -> None:
    claim = make_ready(session, make_listing(session))
    by = make_operator(session)
    refused("no_reason", admission.give_back, session, claim_id=claim.id, by=by, now=clock.now(), reason=" ")
    admission.give_back(session, claim_id=claim.id, by=by, now=clock.now(), reason="Please call us")
    assert (claim.state, claim.reason) == ("onboarding", "Please call us")
    papers.submit(session, claim_id=claim.id, now=clock.now())
    paper = next(row for row in answers.trail(session, claim.id) if row.photo_id)
    decide(session, paper, "refused", "Cannot read the number")
    admission.give_back(session, claim_id=claim.id, by=by, now=clock.now())
    assert line(session, claim, "licence") == "rejected"
    refused("lines_open", papers.submit, session, claim_id=claim.id, now=clock.now())
    assert told(session, "wang") == ["claim.returned"] * 2
    answer(session, claim, "licence")
    assert line(session, claim, "licence") == "pending"
    assert papers.submit(session, claim_id=claim.id, now=clock.now()).reason == ""


def test_turned_down_clears_and_may_be_tried_again(session: Session) -> None:
    shop = make_listing(session)
    claim = make_claim(session, shop)
    prepare_all(session, claim)
    by = make_operator(session)
    refused("no_reason", admission.reject, session, claim_id=claim.id, reason="", by=by, now=clock.now())
    admission.reject(session, claim_id=claim.id, reason="Not your shop", by=by, now=clock.now())
    assert (claim.state, now_roles(session, claim)) == ("rejected", set())
    assert prepared_rows(session, shop.id) == [0, 0, 0, 0, 0]
    assert told(session, "wang") == ["claim.rejected"]
    again = onboarding.claim(session, shop_id=shop.id, account_id=claim.account_id, now=clock.now())
    assert (again.id, again.state, now_roles(session, claim)) == (claim.id, "onboarding", {"claimant"})


def test_withdrawn_is_over_and_can_be_begun_anew(session: Session) -> None:
    shop = make_listing(session)
    claim = make_claim(session, shop)
    prepare_all(session, claim)
    for _ in range(2):
        onboarding.withdraw(session, claim_id=claim.id, now=clock.now())
    assert (claim.state, now_roles(session, claim)) == ("withdrawn", set())
    assert prepared_rows(session, shop.id) == [0, 0, 0, 0, 0]
    assert make_claim(session, shop).id != claim.id


def test_untouched_for_thirty_days_lapses_and_is_told_before(session: Session) -> None:
    with time_machine.travel("2026-03-01T08:00:00Z", tick=False) as traveller:
        claim = make_claim(session, make_listing(session))
        waiting = make_ready(session, make_listing(session, "别家"), "li")
        session.commit()
        for days, state, news in (
            (22, "onboarding", []),
            (24, "onboarding", ["claim.lapsing"]),
            (29, "onboarding", ["claim.lapsing"]),
            (31, "withdrawn", ["claim.lapsing", "claim.lapsed"]),
        ):
            traveller.move_to("2026-03-01T08:00:00+00:00")
            traveller.shift(timedelta(days=days))
            chores.lapse(session)
            begin_write(session)
            session.refresh(claim)
            assert (claim.state, told(session, "wang")) == (state, news)
            session.rollback()
        assert session.get_one(Claim, waiting.id).state == "ready_for_review"


def test_an_answer_keeps_a_claim_alive(session: Session) -> None:
    with time_machine.travel("2026-03-01T08:00:00Z", tick=False) as traveller:
        claim = make_claim(session, make_listing(session))
        traveller.shift(timedelta(days=20))
        answer(session, claim, "identity")
        traveller.shift(timedelta(days=20))
        assert admission.lapse(session, now=clock.now()) == 0
        traveller.shift(timedelta(days=11))
        assert admission.lapse(session, now=clock.now()) == 1


def test_suspended_and_back(session: Session) -> None:
    claim = make_admitted(session, make_listing(session))
    for verb, state in ((admission.suspend, "suspended"), (admission.restore, "approved")):
        for _ in range(2):
            verb(session, shop_id=claim.shop_id, now=clock.now())
            assert claim.state == state


def test_a_shop_without_a_claim_is_left_alone(session: Session) -> None:
    shop = make_listing(session)
    for verb in (admission.suspend, admission.restore, admission.close):
        verb(session, shop_id=shop.id, now=clock.now())
    assert not session.scalars(select(Claim)).all()


def test_closing_ends_an_admitted_claim_and_withdraws_another(session: Session) -> None:
    shop = make_listing(session)
    claim = make_admitted(session, shop)
    assert shop.sells_until
    admission.close(session, shop_id=shop.id, now=clock.now())
    assert (claim.state, shop.sells_until) == ("closed", None)
    young = make_claim(session, make_listing(session, "别家"), "li")
    admission.close(session, shop_id=young.shop_id, now=clock.now())
    assert young.state == "withdrawn"


def test_a_shop_taken_off_the_map_takes_its_claim_along(session: Session) -> None:
    young = make_claim(session, make_listing(session))
    old = make_admitted(session, make_listing(session, "别家"), "li")
    for claim in (young, old):
        shop_rules.take_down(session, shop_id=claim.shop_id)
    session.commit()
    assert chores.lapse(session) == 2
    session.rollback()
    assert (young.state, old.state, now_roles(session, young)) == ("withdrawn", "closed", set())
    assert chores.lapse(session) == 0
