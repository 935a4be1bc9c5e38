"""A pass has one live form: each new one kills the one before, and tills hear of it."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.feed.models import Tiding
from o2o.holders.models import DeviceKey
from o2o.issuer import queries as issuer
from o2o.issuer.keys import IssuerKey
from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.passes import queries, rules
from o2o.passes.models import Pass, PassForm
from tests.factories import make_account, make_pass, make_shop, make_terms


def make_device(session: Session, handle: str = "guest") -> DeviceKey:
    point = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    device = DeviceKey(
        account_id=make_account(session, handle).id,
        x=f"{point.x:064x}",
        y=f"{point.y:064x}",
        created_at=clock.now(),
    )
    session.add(device)
    session.flush()
    return device


def bought(session: Session, device: DeviceKey | None = None, uses: int = 1) -> Pass:
    terms = make_terms(session, make_shop(session), uses=uses)
    owner = make_account(session, "guest").id
    at = clock.now() - timedelta(minutes=5)
    return rules.issue(session, account_id=owner, terms=terms, paid=3800, issued_at=at, device=device)


def bind(session: Session, pass_: Pass, device: DeviceKey, key: str | None = None) -> Pass:
    return rules.reform(
        session, pass_id=pass_.id, form="bound", device=device, why="bind", now=clock.now(), key=key
    )


def to_paper(session: Session, pass_: Pass) -> Pass:
    return rules.reform(session, pass_id=pass_.id, form="paper", device=None, why="print", now=clock.now())


def forms(session: Session, pass_: Pass) -> list[tuple[int, str, str]]:
    rows = select(PassForm).where(PassForm.pass_id == pass_.id).order_by(PassForm.gen, PassForm.at)
    return [(row.gen, row.form, row.why) for row in session.scalars(rows)]


def told(session: Session, pass_id: str) -> int:
    return len(session.scalars(select(Tiding).where(Tiding.subject == pass_id)).all())


def test_a_pass_bought_with_a_phone_is_bound_to_it(session: Session) -> None:
    phone = make_device(session)
    pass_ = bought(session, phone)
    token = queries.read_token(session, queries.digits(pass_))
    assert (token.device, token.parity) == (bytes.fromhex(phone.x), int(phone.y, 16) & 1)
    assert (pass_.form, pass_.device_id, len(pass_.token)) == ("bound", phone.id, 128)
    assert forms(session, pass_) == [(0, "bound", "issue")]


def test_a_pass_is_never_bound_to_somebody_elses_phone(session: Session) -> None:
    stolen = make_device(session, "stranger")
    with pytest.raises(NotAllowed):
        bought(session, stolen)
    with pytest.raises(NotAllowed):
        bind(session, bought(session), stolen)


def test_each_form_kills_the_one_before(session: Session) -> None:
    pass_ = bought(session)
    first, code = queries.digits(pass_), pass_.short_code
    pass_ = bind(session, pass_, make_device(session))
    assert (pass_.gen, pass_.rebinds, pass_.form) == (1, 0, "bound")
    assert queries.digits(pass_) != first
    assert queries.pass_by_code(session, code) is None
    assert queries.read_token(session, queries.digits(pass_)).gen == 1
    pass_ = to_paper(session, pass_)
    assert (pass_.gen, pass_.device_id, len(pass_.token)) == (2, None, 96)
    assert forms(session, pass_) == [(0, "bearer", "issue"), (1, "bound", "bind"), (2, "paper", "print")]


def test_coming_back_from_paper_is_no_move_but_another_phone_is(session: Session) -> None:
    mine, new = make_device(session), make_device(session)
    pass_ = bind(session, to_paper(session, bought(session, mine)), mine)
    assert (pass_.gen, pass_.rebinds) == (2, 0)
    assert bind(session, pass_, new).rebinds == 1
    # By way of paper it is a move all the same.
    assert bind(session, to_paper(session, pass_), mine).rebinds == 2


def test_the_same_key_is_the_same_form(session: Session) -> None:
    mine = make_device(session)
    pass_ = bought(session)
    assert [bind(session, pass_, mine, key="once").gen for _ in range(3)] == [1, 1, 1]
    with pytest.raises(RuleBroken, match="key_reused"):
        bind(session, pass_, make_device(session), key="once")


def test_what_cannot_be_used_gets_no_new_form(session: Session) -> None:
    pass_ = bought(session)
    rules.begin_refund(session, pass_id=pass_.id, cause="guest")
    with pytest.raises(RuleBroken, match="pass_not_open"):
        to_paper(session, pass_)
    late = bought(session)
    late.expires = clock.now()
    with pytest.raises(RuleBroken, match="pass_not_open"):
        to_paper(session, late)


def test_forms_are_counted_in_one_byte(session: Session) -> None:
    pass_ = bought(session)
    pass_.gen = 255
    with pytest.raises(RuleBroken, match="too_many_forms"):
        to_paper(session, pass_)


def test_an_old_form_takes_nothing(session: Session) -> None:
    pass_ = to_paper(session, bought(session, uses=2))
    now = clock.now()
    assert rules.spend(session, pass_id=pass_.id, quantity=1, now=now, gen=0) is None
    assert rules.spend(session, pass_id=pass_.id, quantity=1, now=now, gen=1) is not None


def test_signed_anew_it_keeps_form_and_code(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    pass_ = bought(session, make_device(session))
    before, code = queries.digits(pass_), pass_.short_code
    now = clock.now()
    assert queries.digits(rules.reissue(session, pass_id=pass_.id, now=now)) == before
    private = ec.generate_private_key(ec.SECP256R1())
    newer = IssuerKey(2, private, private.public_key(), now)
    monkeypatch.setattr(issuer, "signing_key", lambda session, now: newer)
    monkeypatch.setattr(issuer, "verifying_keys", lambda session: {2: newer.public})
    pass_ = rules.reissue(session, pass_id=pass_.id, now=now)
    assert (pass_.kid, pass_.gen, pass_.short_code, pass_.form) == (2, 0, code, "bound")
    assert queries.read_token(session, queries.digits(pass_)).kid == 2
    assert forms(session, pass_) == [(0, "bound", "issue"), (0, "bound", "reissue")]


def test_every_change_is_a_tiding(session: Session) -> None:
    pass_ = bought(session, uses=2)
    pass_id = pass_.id
    session.commit()
    assert told(session, pass_id) == 1
    steps = (
        lambda: to_paper(session, session.get_one(Pass, pass_id)),
        lambda: rules.spend(session, pass_id=pass_id, quantity=1, now=clock.now()),
        lambda: rules.begin_refund(session, pass_id=pass_id, cause="guest"),
    )
    for number, step in enumerate(steps, 2):
        begin_write(session)
        step()
        session.commit()
        assert told(session, pass_id) == number


def test_a_claim_made_in_time_takes_from_an_expired_and_a_refunding_pass(session: Session) -> None:
    pass_ = make_pass(session, make_terms(session, make_shop(session), uses=3, price=3800))
    now = clock.now()
    rules.begin_refund(session, pass_id=pass_.id, cause="guest")
    first = rules.take(session, pass_id=pass_.id, quantity=2, now=now)
    assert (first.pass_.state, first.pass_.uses_left, first.value) == ("refunding", 1, 2534)
    assert rules.take(session, pass_id=pass_.id, quantity=2, now=now) is None
    assert (
        rules.unspend(session, pass_id=pass_.id, quantity=2, value=2534, now=now, late=True).state
        == "refunding"
    )
    assert rules.take(session, pass_id=pass_.id, quantity=3, now=now).pass_.state == "used"
    # Used up behind a refund, then given back: the refund's own rule decides what it is now.
    assert (
        rules.unspend(session, pass_id=pass_.id, quantity=3, value=3800, now=now, late=True).state == "valid"
    )
    late = make_pass(session, make_terms(session, make_shop(session, "老城面馆"), uses=2))
    rules.expire_due(session, now=late.expires + rules.EXPIRY_GRACE)
    assert rules.take(session, pass_id=late.id, quantity=1, now=now).pass_.state == "expired"
    assert rules.take(session, pass_id=late.id, quantity=1, now=now).pass_.state == "used"
    assert rules.take(session, pass_id=late.id, quantity=1, now=now) is None
