"""A key was withdrawn: every open pass is signed anew, whatever cuts it short, and the check sees what is not."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from o2o.issuer import queries as issuer
from o2o.issuer import rules as keys
from o2o.kernel import checks, clock, journal
from o2o.kernel.db import begin_write
from o2o.passes import chores, resigning, rules
from o2o.passes.models import Pass, PassForm
from o2o.passes.token import qr_text, verify
from tests.factories import make_pass, make_shop, make_terms


def withdraw(session: Session, kid: int = 1) -> None:
    """Withdraw a key, with the fact written and nothing delivered."""
    begin_write(session)
    keys.withdraw(session, kid=kid, why="stolen", now=clock.now())
    session.commit()


def make_passes(session: Session, *names: str, each: int = 3) -> list[str]:
    """Issue passes of a shop of each name; return their ids."""
    terms = [make_terms(session, make_shop(session, name), uses=2) for name in names]
    made = [make_pass(session, one).id for one in terms for _ in range(each)]
    session.commit()
    return made


def kids(session: Session) -> list[int]:
    found = list(session.scalars(select(Pass.kid).order_by(Pass.id)))
    session.rollback()
    return found


def broken(session: Session) -> list[str]:
    found = [line for line in checks.broken(session) if line.startswith("I16")]
    session.rollback()
    return found


def test_every_delivery_is_a_batch_of_one_shop(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resigning.sign_anew, "__kwdefaults__", {"most": 2})
    made = make_passes(session, "A", "B")
    withdraw(session)
    assert len(broken(session)) == 6
    while journal.deliver(session):
        pass
    assert kids(session) == [2] * 6
    assert broken(session) == []
    facts = session.scalars(select(journal.Fact).where(journal.Fact.name == "passes.resigned").order_by("id"))
    assert [fact.ids for fact in facts] == [{"kid": 1, "passes": count} for count in (2, 1, 2, 1)]
    for pass_id in made:
        row = session.get_one(Pass, pass_id)
        assert (verify(qr_text(row.token), keys=issuer.verifying_keys(session)).pass_id, row.gen) == (
            pass_id,
            0,
        )
    forms = session.execute(select(PassForm.kid, PassForm.why).where(PassForm.pass_id == made[0])).all()
    assert sorted(map(tuple, forms)) == [(1, "issue"), (2, "reissue")]


def test_the_chore_finishes_what_was_cut_short(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resigning.sign_anew, "__kwdefaults__", {"most": 2})
    make_passes(session, "A", "B")
    withdraw(session)
    journal.deliver(session)
    assert sorted(kids(session)) == [1] * 4 + [2] * 2
    session.info.pop(journal.FRESH_FACTS, None)
    assert chores.sign_anew(session) == 4
    assert chores.sign_anew(session) == 0
    assert kids(session) == [2] * 6
    # The facts that waited find nothing left.
    journal.deliver(session, everything=True)
    assert kids(session) == [2] * 6


def test_only_what_a_till_may_take_is_signed_anew(session: Session) -> None:
    used, refunding, valid, expired = make_passes(session, "A", each=4)
    now = clock.now()
    begin_write(session)
    spent = rules.spend(session, pass_id=used, quantity=2, now=now)
    assert spent is not None
    value = spent.value
    rules.begin_refund(session, pass_id=refunding, cause="guest")
    session.execute(update(Pass).where(Pass.id == expired).values(state="expired"))
    session.commit()
    withdraw(session)
    while journal.deliver(session):
        pass
    signed = dict(session.execute(select(Pass.id, Pass.kid)).all())
    assert signed == {used: 1, refunding: 2, valid: 2, expired: 1}
    assert broken(session) == []
    begin_write(session)
    rules.unspend(session, pass_id=used, quantity=2, value=value, now=now)
    session.commit()
    assert len(broken(session)) == 1
    assert chores.sign_anew(session) == 1
    assert broken(session) == []


def test_a_key_that_stays_signs_nothing_anew(session: Session) -> None:
    make_passes(session, "A")
    begin_write(session)
    keys.publish_at_once(session, now=clock.now())
    assert resigning.sign_anew(session, kid=1, now=clock.now()) == 0
    session.commit()
    assert (chores.sign_anew(session), kids(session)) == (0, [1] * 3)


DAMAGE: list[tuple[dict[str, Any], str]] = [
    ({"uses": 3}, "uses is 3, the token says 2"),
    ({"gen": 4}, "gen is 4, the token says 0"),
    ({"paid": 3801}, "value is 3801, the token says 3800"),
    ({"kid": 9}, "its key 9 is withdrawn or unknown"),
    ({"token": b"\0" * 96}, "key 1 did not sign its token"),
    ({"token": b""}, "key 1 did not sign its token"),
]


@pytest.mark.parametrize(("values", "said"), DAMAGE, ids=[next(iter(values)) for values, _ in DAMAGE])
def test_the_check_names_what_does_not_fit(
    app: Flask, session: Session, values: dict[str, Any], said: str
) -> None:
    first, other = make_passes(session, "A", each=2)
    assert broken(session) == []
    begin_write(session)
    session.execute(update(Pass).where(Pass.id == first).values(**values))
    session.commit()
    (line,) = broken(session)
    assert line.endswith(f"pass {first}: {said}")
    begin_write(session)
    token = session.get_one(Pass, other).token
    session.execute(update(Pass).where(Pass.id == first).values(uses=2, gen=0, paid=3800, kid=1, token=token))
    session.commit()
    (line,) = broken(session)
    assert line.endswith(f"pass {first}: id is {first}, the token says {other}")
