"""A pass is issued once, spent as often as it has uses, and given back by its own rules."""

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.journal import Fact
from o2o.kernel.tokens import normal_code
from o2o.offers.rules import Part
from o2o.passes import queries, rules
from o2o.passes.models import PASS_STATES, Pass
from tests.factories import make_account, make_pass, make_shop, make_terms

FIVE = {"uses": 5, "contents": (Part("美式咖啡", 5, 2000),), "price": 7601}


def five(session: Session) -> Pass:
    return make_pass(session, make_terms(session, make_shop(session), **FIVE))


def test_an_issued_pass_carries_its_terms_and_verifies(session: Session) -> None:
    terms = make_terms(session, make_shop(session))
    pass_ = make_pass(session, terms)
    token = queries.read_token(session, queries.digits(pass_))
    assert (token.pass_id, token.terms_id, token.scope_id) == (pass_.id, terms.id, terms.shop_id)
    assert (token.uses, token.gen, token.value, token.kid) == (1, 0, 3800, 1)
    assert (token.starts_at, token.ends_at) == (pass_.not_before, pass_.expires)
    assert not token.scope_is_group
    fact = session.scalars(select(Fact).where(Fact.name == "pass.issued")).one()
    assert fact.ids == {"pass_id": pass_.id}


def test_ids_and_codes_are_random(session: Session) -> None:
    terms = make_terms(session, make_shop(session))
    made = [make_pass(session, terms) for _ in range(20)]
    numbers = sorted(int(pass_.id, 16) for pass_ in made)
    assert min(b - a for a, b in pairwise(numbers)) > 2**32
    assert len({pass_.short_code for pass_ in made}) == 20
    assert all(normal_code(queries.short_groups(pass_)) == pass_.short_code for pass_ in made)


def test_the_shares_of_all_uses_are_what_was_paid(session: Session) -> None:
    pass_ = five(session)
    values = [rules.spend(session, pass_id=pass_.id, quantity=1, now=clock.now()).value for _ in range(5)]
    assert values == [1521, 1520, 1520, 1520, 1520]
    assert (pass_.state, pass_.uses_left, pass_.spent) == ("used", 0, 7601)
    assert rules.spend(session, pass_id=pass_.id, quantity=1, now=clock.now()) is None


def test_the_shares_still_sum_after_an_undo_in_the_middle(session: Session) -> None:
    pass_ = five(session)
    now = clock.now()
    first = rules.spend(session, pass_id=pass_.id, quantity=1, now=now)
    second = rules.spend(session, pass_id=pass_.id, quantity=2, now=now)
    rules.unspend(session, pass_id=pass_.id, quantity=1, value=first.value, now=now)
    assert queries.value_left(pass_) == 7601 - second.value
    assert queries.share_of_uses(pass_, 3, 3) == queries.value_left(pass_)
    rest = rules.spend(session, pass_id=pass_.id, quantity=3, now=now)
    assert second.value + rest.value == 7601


def test_only_unused_uses_have_a_share(session: Session) -> None:
    pass_ = five(session)
    rules.spend(session, pass_id=pass_.id, quantity=2, now=clock.now())
    with pytest.raises(ValueError, match="unused"):
        queries.share_of_uses(pass_, 2, 1)


def test_more_uses_than_are_left_take_none(session: Session) -> None:
    pass_ = five(session)
    assert rules.spend(session, pass_id=pass_.id, quantity=6, now=clock.now()) is None
    session.refresh(pass_)
    assert (pass_.uses_left, pass_.spent) == (5, 0)


def test_a_refund_takes_the_pass_out_of_use(session: Session) -> None:
    pass_ = five(session)
    rules.spend(session, pass_id=pass_.id, quantity=2, now=clock.now())
    refunding = rules.begin_refund(session, pass_id=pass_.id, cause="guest")
    assert (refunding.state, queries.value_left(refunding)) == ("refunding", 3 * 1520)
    assert rules.spend(session, pass_id=pass_.id, quantity=1, now=clock.now()) is None
    with pytest.raises(RuleBroken, match="pass_moved_on"):
        rules.unspend(session, pass_id=pass_.id, quantity=1, value=1520, now=clock.now())
    with pytest.raises(RuleBroken, match="not_refundable"):
        rules.begin_refund(session, pass_id=pass_.id, cause="guest")
    for _ in range(2):
        assert rules.finish_refund(session, pass_id=pass_.id).state == "refunded"


def test_a_used_pass_is_not_refunded(session: Session) -> None:
    pass_ = make_pass(session, make_terms(session, make_shop(session)))
    rules.spend(session, pass_id=pass_.id, quantity=1, now=clock.now())
    with pytest.raises(RuleBroken, match="not_refundable"):
        rules.begin_refund(session, pass_id=pass_.id, cause="guest")


def test_a_pass_expires_only_when_no_till_can_take_or_undo_it(session: Session) -> None:
    pass_ = five(session)
    early = pass_.expires + rules.EXPIRY_GRACE - timedelta(milliseconds=1)
    assert rules.expire_due(session, now=early) == []
    assert queries.state_at(pass_, pass_.expires) == "expired"
    assert rules.expire_due(session, now=pass_.expires + rules.EXPIRY_GRACE) == [pass_.id]
    assert rules.begin_refund(session, pass_id=pass_.id, cause="expiry").state == "refunding"


def test_no_way_leads_where_the_table_knows_none(session: Session) -> None:
    pass_ = five(session)
    for source, targets in PASS_STATES.items():
        for target in PASS_STATES.keys() - set(targets) - {source}:
            with pytest.raises(ValueError, match="never goes"):
                rules._change(
                    session, pass_.id, sources=(source,), targets=(target,), values={}, now=clock.now()
                )


def test_a_pass_of_somebody_else_looks_missing(session: Session) -> None:
    pass_ = five(session)
    stranger = make_account(session, "stranger")
    for pass_id in (pass_.id, "0" * 16):
        with pytest.raises(NotAllowed):
            queries.own_pass(session, account_id=stranger.id, pass_id=pass_id)
