"""The counter and a phone's proof: a copy, a picture and an old form are told from the pass itself."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.holders.models import DeviceKey
from o2o.passes import queries as passes
from o2o.passes import rules as pass_rules
from o2o.redemption import rules
from o2o.redemption.models import Redemption
from tests.factories import make_account
from tests.passes.phone import HolderPhone
from tests.redemption.counter import FIVE, NOON, Counter, make_till

STEP = timedelta(seconds=30)


class Bound(Counter):
    """A counter whose pass is bound to a phone."""

    def __init__(self, session: Session, **terms: object) -> None:
        super().__init__(session, **terms)
        self.phone = HolderPhone(1)
        self.move(self.phone)

    def move(self, phone: HolderPhone) -> None:
        owner = make_account(self.session, "guest").id
        key = DeviceKey(account_id=owner, x=phone.x.hex(), y=phone.y.hex(), created_at=NOON)
        self.session.add(key)
        self.session.flush()
        given = {"form": "bound", "device": key, "why": "bind", "now": NOON - timedelta(minutes=30)}
        self.pass_ = pass_rules.reform(self.session, pass_id=self.pass_.id, **given)

    def look(self, text: str, **more: object) -> rules.Answer:
        given = {"shop_id": self.shop.id, "staff_id": self.staff, "now": NOON, **more}
        return rules.look(self.session, text=text, **given)


def test_a_fresh_proof_redeems_and_is_kept(session: Session) -> None:
    till = Bound(session)
    text = till.phone.live(till.pass_.token, NOON)
    assert till.redeem(text=text).reason == "ok"
    row = session.scalars(select(Redemption)).one()
    kept = (row.mode, row.gen, row.step, row.code, row.till_id, row.made_at)
    assert kept == ("online", 1, passes.step_of(NOON), text, None, NOON)


@pytest.mark.parametrize(
    ("drift", "reason", "variant", "age"),
    [
        (-21, "stale_code", "", 630),
        (-4, "stale_code", "", 120),
        (-3, "ok", "", 90),
        (0, "ok", "", 0),
        (1, "ok", "", 30),
        (2, "stale_code", "ahead", 60),
    ],
)
def test_a_proof_is_as_old_as_the_servers_clock_says(
    session: Session, drift: int, reason: str, variant: str, age: int
) -> None:
    till = Bound(session)
    answer = till.look(till.phone.live(till.pass_.token, NOON + drift * STEP))
    assert (answer.reason, answer.variant, answer.age) == (reason, variant, age)


def test_a_code_without_its_proof_is_a_copy(session: Session) -> None:
    till = Bound(session)
    assert till.look(passes.digits(till.pass_)).reason == "copy"


def test_another_phones_proof_does_not_hold(session: Session) -> None:
    till = Bound(session)
    answer = till.look(HolderPhone(2).live(till.pass_.token, NOON))
    assert (answer.reason, answer.variant, answer.status) == ("signature", "proof", 422)


def test_what_the_pass_is_comes_before_what_the_phone_says(session: Session) -> None:
    till = Bound(session)
    copy = passes.digits(till.pass_)
    till.redeem(text=till.phone.live(till.pass_.token, NOON))
    assert till.look(copy).reason == "already_used_here"


def test_the_form_before_is_superseded_whatever_it_proves(session: Session) -> None:
    till = Bound(session)
    old, typed = till.phone.live(till.pass_.token, NOON), passes.short_groups(till.pass_)
    till.move(HolderPhone(2))
    assert till.look(old).reason == "superseded"
    assert till.look(typed).reason == "format"
    assert till.look(passes.short_groups(till.pass_)).reason == "ok"


def test_a_printed_pass_needs_no_phone(session: Session) -> None:
    till = Bound(session)
    live = till.phone.live(till.pass_.token, NOON)
    given = {"form": "paper", "device": None, "why": "print", "now": NOON}
    till.pass_ = pass_rules.reform(session, pass_id=till.pass_.id, **given)
    assert till.look(live).reason == "superseded"
    assert till.redeem(text=passes.digits(till.pass_)).reason == "ok"


def test_a_code_may_grow_old_while_staff_are_asked(session: Session) -> None:
    till = Bound(session, **FIVE)
    text = till.phone.live(till.pass_.token, NOON)
    later = NOON + timedelta(minutes=4)
    assert till.redeem("nonce-00", text=text, now=later).reason == "stale_code"
    assert till.look(text).reason == "ok"
    older = till.phone.live(till.pass_.token, NOON - timedelta(minutes=2))
    assert till.redeem("nonce-01", text=older, now=later).reason == "stale_code"
    assert till.redeem("nonce-02", text=text, now=later).reason == "ok"
    # The question was answered; the same picture opens nothing more.
    assert till.redeem("nonce-03", text=text, now=later).reason == "stale_code"


def test_the_till_that_took_the_last_use_is_named(session: Session) -> None:
    till = Bound(session)
    two, three = make_till(session, till.shop), make_till(session, till.shop, "till 3")
    text = till.phone.live(till.pass_.token, NOON)
    till.redeem(text=text, till_id=two.id)
    for here, reason, other in (
        (two.id, "already_used_here", None),
        (three.id, "already_used_elsewhere", two.id),
        (None, "already_used_elsewhere", two.id),
    ):
        answer = till.look(text, till_id=here)
        assert (answer.reason, answer.till_id) == (reason, other)
