"""One live form at a time: binds and prints in order, moves counted, each press once."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.accounts import recovery
from o2o.binding import queries, rules
from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.passes.models import Pass, PassForm
from o2o.passes.token import Token
from tests import factories
from tests.binding.acts import CODES, bind, held, phone, put_on_paper
from tests.passes.phone import HolderPhone


def token(pass_: Pass) -> Token:
    return Token.unpack(pass_.token[:-64])


def forms(session: Session, pass_: Pass) -> list[tuple[int, str]]:
    rows = select(PassForm).where(PassForm.pass_id == pass_.id).order_by(PassForm.gen)
    return [(row.gen, row.form) for row in session.scalars(rows)]


def test_the_first_bind_is_free_and_kills_the_form_before(session: Session) -> None:
    pass_ = held(session)
    before = (pass_.token, pass_.short_code)
    device = phone(session, 1)
    bound = bind(session, pass_, device)
    assert (bound.form, bound.gen, bound.rebinds, bound.device_id) == ("bound", 1, 0, device.id)
    assert bound.token != before[0]
    assert bound.short_code != before[1]
    assert (token(bound).device, token(bound).gen) == (HolderPhone(1).x, 1)


def test_the_phone_that_has_it_keeps_it(session: Session) -> None:
    pass_, device = held(session), phone(session, 1)
    assert bind(session, pass_, device).gen == 1
    assert bind(session, pass_, device, key="another press").gen == 1


def test_a_press_counts_once(session: Session) -> None:
    pass_ = held(session)
    bind(session, pass_, phone(session, 1))
    assert bind(session, pass_, phone(session, 2), key="press").gen == 2
    assert bind(session, pass_, phone(session, 2), key="press").gen == 2
    assert put_on_paper(session, pass_, "print").gen == 3
    assert put_on_paper(session, pass_, "print").gen == 3
    assert forms(session, pass_) == [(0, "bearer"), (1, "bound"), (2, "bound"), (3, "paper")]


def test_a_late_repetition_does_not_take_a_pass_back(session: Session) -> None:
    """The press of the second phone arrives once more after a third has the pass."""
    pass_ = held(session)
    bind(session, pass_, phone(session, 1))
    bind(session, pass_, phone(session, 2), key="press")
    bind(session, pass_, phone(session, 3))
    again = bind(session, pass_, phone(session, 2), key="press")
    assert (again.gen, again.device_id) == (3, phone(session, 3).id)


def test_a_key_has_one_meaning(session: Session) -> None:
    pass_ = held(session)
    bind(session, pass_, phone(session, 1), key="press")
    with pytest.raises(RuleBroken) as refused:
        put_on_paper(session, pass_, "press")
    assert refused.value.code == "key_reused"


def test_paper_and_back_to_the_same_phone_is_no_move(session: Session) -> None:
    pass_, device = held(session), phone(session, 1)
    for _round in range(5):
        bind(session, pass_, device)
        put_on_paper(session, pass_)
    back = bind(session, pass_, device)
    assert (back.gen, back.rebinds) == (11, 0)


def test_paper_is_no_way_round_the_count(session: Session) -> None:
    pass_ = held(session)
    bind(session, pass_, phone(session, 1))
    put_on_paper(session, pass_)
    assert bind(session, pass_, phone(session, 2)).rebinds == 1


def moved(session: Session, times: int = rules.FREE_MOVES) -> Pass:
    pass_ = held(session)
    for number in range(times + 1):
        bind(session, pass_, phone(session, number))
    session.commit()
    begin_write(session)
    return session.get_one(Pass, pass_.id)


@pytest.mark.parametrize(
    ("codes", "typed", "code"),
    [([], None, "no_codes"), ([], CODES[0], "no_codes"), (CODES, None, "needs_code"), (CODES, "", "needs_code")]
    + [(CODES, wrong, "wrong_code") for wrong in ("x", "0" * 16, "7K2MQ8X40W3VZ9AD", "é" * 16, "9" * 200)],
)  # fmt: skip
def test_a_fourth_move_needs_a_code(session: Session, codes: list[str], typed: str | None, code: str) -> None:
    pass_ = moved(session)
    assert pass_.rebinds == rules.FREE_MOVES
    recovery.replace_codes(session, account_id=pass_.account_id, codes=codes)
    session.commit()
    begin_write(session)
    with pytest.raises(RuleBroken) as refused:
        bind(session, pass_, phone(session, 9), recovery=typed)
    assert (refused.value.code, refused.value.status) == (code, 422)
    session.rollback()
    assert session.get_one(Pass, pass_.id).gen == rules.FREE_MOVES + 1


def test_a_code_pays_for_one_move(session: Session) -> None:
    pass_ = moved(session)
    recovery.replace_codes(session, account_id=pass_.account_id, codes=CODES)
    typed = "7k2m-q8x4 0w3v-z9ab"
    assert bind(session, pass_, phone(session, 9), key="press", recovery=typed).rebinds == 4
    # The same press again, and the phone that has it, cost nothing.
    assert bind(session, pass_, phone(session, 9), key="press", recovery=typed).rebinds == 4
    session.commit()
    begin_write(session)
    with pytest.raises(RuleBroken) as refused:
        bind(session, pass_, phone(session, 10), recovery=typed)
    assert refused.value.code == "wrong_code"
    session.rollback()
    begin_write(session)
    assert bind(session, pass_, phone(session, 10), recovery=CODES[1]).rebinds == 5
    # Paper needs no code, however often the pass moved.
    assert put_on_paper(session, pass_).form == "paper"


def test_somebody_elses_code_pays_nothing(session: Session) -> None:
    pass_ = moved(session)
    stranger = factories.make_account(session, "stranger")
    recovery.replace_codes(session, account_id=stranger.id, codes=CODES)
    recovery.replace_codes(session, account_id=pass_.account_id, codes=["7K2MQ8X40W3VZ9AE"])
    with pytest.raises(RuleBroken) as refused:
        bind(session, pass_, phone(session, 9), recovery=CODES[0])
    assert refused.value.code == "wrong_code"


@pytest.mark.parametrize("state", ["used", "expired", "refunding", "refunded", "revoked"])
def test_only_a_valid_pass_changes_its_form(session: Session, state: str) -> None:
    pass_ = held(session)
    pass_.state = state
    session.flush()
    for change in (lambda: bind(session, pass_, phone(session, 1)), lambda: put_on_paper(session, pass_)):
        with pytest.raises(RuleBroken) as refused:
            change()
        assert refused.value.code == "pass_not_open"


def test_only_its_holder_changes_a_pass(session: Session) -> None:
    pass_ = held(session)
    stranger = factories.make_account(session, "stranger")
    with pytest.raises(NotAllowed):
        bind(session, pass_, phone(session, 1), account_id=stranger.id)
    with pytest.raises(NotAllowed):
        bind(session, pass_, phone(session, 1, "stranger"))
    with pytest.raises(NotAllowed):
        rules.print_pass(session, account_id=stranger.id, pass_id=pass_.id, key=None, now=clock.now())
    with pytest.raises(NotAllowed):
        rules.print_pass(session, account_id=stranger.id, pass_id="f" * 16, key=None, now=clock.now())
    assert forms(session, pass_) == [(0, "bearer")]


def test_a_pass_has_255_forms_after_its_first(session: Session) -> None:
    pass_ = held(session)
    pass_.gen = 254
    session.flush()
    assert put_on_paper(session, pass_).gen == 255
    with pytest.raises(RuleBroken) as refused:
        bind(session, pass_, phone(session, 1))
    assert refused.value.code == "too_many_forms"


def test_since_when_a_form_holds(session: Session) -> None:
    pass_ = held(session)
    assert queries.formed_at(session, pass_) == pass_.issued_at
    later = clock.from_millis(clock.millis(pass_.issued_at) + 60_000)
    put_on_paper(session, pass_, now=later)
    assert queries.formed_at(session, pass_) == later
