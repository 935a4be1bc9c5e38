"""Hand-made passes: who wins. Each test takes the module, so that mutants meet it too."""

from dataclasses import replace
from types import ModuleType

import pytest

from o2o.claims import fold as real
from o2o.claims.evidence import STEP_MS
from o2o.claims.fold import Annul, Refund
from tests.claims.passes import NOON, live, lost, plain, settle, won


@pytest.fixture
def folding() -> ModuleType:
    return real


def test_nothing_claimed(folding: ModuleType) -> None:
    outcome = settle(folding, uses=3)
    assert (outcome.winners, outcome.losers, outcome.used, outcome.refundable) == ((), (), 0, 3)


def test_one_claim_takes_its_uses(folding: ModuleType) -> None:
    outcome = settle(folding, live("a", 0, quantity=2), live("b", 9), uses=5)
    assert [(row.claim.id, row.number, row.left) for row in outcome.winners] == [("a", 1, 3), ("b", 2, 2)]
    assert (outcome.used, outcome.refundable, outcome.held) == (3, 2, ())


def test_same_scan_is_no_loss(folding: ModuleType) -> None:
    twin = replace(live("b", 0), at=NOON * STEP_MS + 9_000)
    outcome = settle(folding, twin, live("a", 0), uses=5)
    assert (won(outcome), outcome.collapsed, outcome.used) == (["a"], (("b", "a"),), 1)


def test_next_step_is_a_second_use(folding: ModuleType) -> None:
    assert won(settle(folding, live("a", 0), live("b", 1), uses=5)) == ["a", "b"]


def test_other_till_is_no_same_scan(folding: ModuleType) -> None:
    outcome = settle(folding, live("a", 0), live("b", 0, "till2"), uses=5)
    assert (won(outcome), outcome.collapsed, outcome.held) == (["a", "b"], (), ())
    assert lost(settle(folding, live("a", 0), live("b", 0, "till2"))) == [("b", "a", "one_showing_two_tills")]


def test_other_binding_is_no_same_scan(folding: ModuleType) -> None:
    assert won(settle(folding, live("a", 0), live("b", 0, gen=2), uses=5)) == ["a", "b"]


def test_codes_without_a_proof_never_collapse(folding: ModuleType) -> None:
    """The text of a printed code is always the same: the claim counts, not the text."""
    assert won(settle(folding, plain("a", 0), plain("b", 0), uses=5)) == ["a", "b"]
    assert won(settle(folding, plain("a", 0, kind="typed"), plain("b", 0, kind="typed"), uses=5)) == [
        "a",
        "b",
    ]


def test_twin_of_a_loser_is_no_second_loss(folding: ModuleType) -> None:
    outcome = settle(folding, live("a", 0), live("b", 9, "till2"), live("c", 9, "till2"))
    assert (lost(outcome), outcome.collapsed) == ([("b", "a", "presented_twice")], (("c", "b"),))


def test_a_final_twin_stands_for_the_others(folding: ModuleType) -> None:
    outcome = settle(folding, live("a", 0), replace(live("b", 0), final=True), uses=2)
    assert (won(outcome), outcome.collapsed) == (["b"], (("a", "b"),))


def test_same_id_same_content_is_one(folding: ModuleType) -> None:
    outcome = settle(folding, live("a", 0), live("a", 0), uses=5)
    assert (won(outcome), outcome.collapsed, outcome.used) == (["a"], (), 1)


def test_same_id_other_content_is_an_error(folding: ModuleType) -> None:
    with pytest.raises(ValueError, match="two contents"):
        settle(folding, live("a", 0), live("a", 1), uses=5)


def test_quantity_beyond_what_is_left_loses_whole(folding: ModuleType) -> None:
    outcome = settle(
        folding, live("a", 0, quantity=2), live("b", 9, "till2", quantity=2), live("c", 30), uses=3
    )
    assert (won(outcome), lost(outcome)) == (["a", "c"], [("b", "a", "presented_twice")])


def test_quantity_beyond_the_pass_suspects_the_till(folding: ModuleType) -> None:
    assert lost(settle(folding, live("a", 0, quantity=3), uses=2)) == [("a", None, "stale_proof")]
    outcome = settle(folding, live("a", 0, quantity=3), live("b", 9, "till2"), uses=2)
    assert (won(outcome), lost(outcome)) == (["b"], [("a", "b", "stale_proof")])


def test_proof_outranks_the_tills_clock(folding: ModuleType) -> None:
    """The till of b is five minutes slow, which does not make it the first."""
    outcome = settle(folding, live("a", 10), live("b", 15, "till2", at=5))
    assert (won(outcome), lost(outcome)) == (["a"], [("b", "a", "presented_twice")])


def test_equal_steps_go_by_time_then_id(folding: ModuleType) -> None:
    early = live("z", 0)
    late = replace(live("a", 0, "till2"), at=early.at + 1)
    assert won(settle(folding, late, early)) == ["z"]
    assert won(settle(folding, early, replace(late, at=early.at))) == ["a"]


def test_confirmed_goes_before_offline(folding: ModuleType) -> None:
    seen = replace(live("b", 50, "till2"), confirmed=True)
    outcome = settle(folding, live("a", 0), seen)
    assert (won(outcome), lost(outcome)) == (["b"], [("a", "b", "presented_twice")])


def test_final_goes_before_all(folding: ModuleType) -> None:
    seen = replace(live("a", 0), confirmed=True)
    done = replace(live("b", 50, "till2"), final=True)
    outcome = settle(folding, seen, done)
    assert (won(outcome), lost(outcome)) == (["b"], [("a", "b", "late_claim")])


def test_after_a_final_only_the_rightful_is_late(folding: ModuleType) -> None:
    done = replace(live("a", 0), final=True)
    assert lost(settle(folding, done, live("b", 50, "till2"))) == [("b", "a", "presented_twice")]


def test_late_goes_last_and_may_still_win(folding: ModuleType) -> None:
    late = replace(live("a", 0), late=True)
    outcome = settle(folding, late, live("b", 50, "till2"))
    assert (won(outcome), lost(outcome)) == (["b"], [("a", "b", "late_claim")])
    assert won(settle(folding, late)) == ["a"]


def test_more_final_than_uses_is_an_error(folding: ModuleType) -> None:
    done = (replace(live("a", 0), final=True), replace(live("b", 9), final=True))
    with pytest.raises(ValueError, match="final or refunded"):
        settle(folding, *done)
    with pytest.raises(ValueError, match="final or refunded"):
        settle(folding, done[0], uses=2, refund=Refund(NOON * STEP_MS, 2, released=True))
    with pytest.raises(ValueError, match="final or refunded"):
        settle(folding, uses=2, refund=Refund(NOON * STEP_MS, 3, released=True))


def test_annul_within_a_quarter_of_an_hour(folding: ModuleType) -> None:
    claim = live("a", 0)
    for minutes, extra, undone in (
        (0, 0, True),
        (15, 0, True),
        (15, 1, False),
        (-15, 0, True),
        (-15, -1, False),
    ):
        annul = Annul("a", "till1", claim.at + minutes * 60_000 + extra)
        outcome = settle(folding, claim, annuls=[annul, annul])
        assert (outcome.annulled, won(outcome)) == ((("a",), []) if undone else ((), ["a"]))
        assert outcome.refundable == (1 if undone else 0)


def test_annul_of_another_till_or_of_nothing(folding: ModuleType) -> None:
    claim = live("a", 0)
    outcome = settle(folding, claim, annuls=[Annul("a", "till2", claim.at), Annul("b", "till1", claim.at)])
    assert (won(outcome), outcome.annulled) == (["a"], ())


def test_annul_never_undoes_what_is_final(folding: ModuleType) -> None:
    claim = replace(live("a", 0), final=True)
    outcome = settle(folding, claim, annuls=[Annul("a", "till1", claim.at)])
    assert (won(outcome), outcome.annulled) == (["a"], ())


def test_annul_gives_the_use_to_the_next(folding: ModuleType) -> None:
    first = live("a", 0)
    outcome = settle(folding, first, live("b", 9, "till2"), annuls=[Annul("a", "till1", first.at + 1)])
    assert (won(outcome), lost(outcome), outcome.annulled) == (["b"], [], ("a",))


def test_refund_waits_for_what_was_shown_before(folding: ModuleType) -> None:
    """In the step of the request the showing counts as before it; a phone's clock may be one step ahead."""
    refund = Refund((NOON + 5) * STEP_MS + 100, 2)
    outcome = settle(folding, live("a", 6), live("b", 7, "till2"), uses=2, refund=refund)
    assert (won(outcome), lost(outcome)) == (["a"], [("b", None, "after_refund")])
    assert (outcome.used, outcome.refundable) == (1, 1)


def test_the_final_stands_whenever_it_was_shown(folding: ModuleType) -> None:
    done = replace(live("a", 9), final=True)
    assert won(settle(folding, done, refund=Refund(NOON * STEP_MS, 1))) == ["a"]


def test_refund_goes_by_the_proof_not_by_the_clock(folding: ModuleType) -> None:
    refund = Refund((NOON + 5) * STEP_MS, 1)
    slow = live("a", 8, at=2)
    assert lost(settle(folding, slow, refund=refund)) == [("a", None, "after_refund")]
    fast = live("a", 2, at=8)
    assert won(settle(folding, fast, refund=refund)) == ["a"]


def test_refund_without_a_proof_goes_by_the_corrected_time(folding: ModuleType) -> None:
    refund = Refund((NOON + 5) * STEP_MS, 1)
    assert won(settle(folding, plain("a", 5), refund=refund)) == ["a"]
    assert lost(settle(folding, plain("a", 6), refund=refund)) == [("a", None, "after_refund")]


def test_released_uses_are_gone(folding: ModuleType) -> None:
    refund = Refund((NOON + 50) * STEP_MS, 1, released=True)
    outcome = settle(folding, live("a", 0), live("b", 9, "till2"), uses=2, refund=refund)
    assert [(row.claim.id, row.left) for row in outcome.winners] == [("a", 0)]
    assert (lost(outcome), outcome.refundable) == ([("b", "a", "late_claim")], 1)


def test_released_wholly_nobody_else_is_to_blame(folding: ModuleType) -> None:
    refund = Refund((NOON + 50) * STEP_MS, 1, released=True)
    outcome = settle(folding, live("a", 0), live("b", 9, "till2"), live("c", 52), refund=refund)
    assert lost(outcome) == [
        ("a", None, "late_claim"),
        ("b", None, "late_claim"),
        ("c", None, "after_refund"),
    ]


def test_released_in_part_the_last_showing_comes_after(folding: ModuleType) -> None:
    refund = Refund((NOON + 50) * STEP_MS, 1, released=True)
    outcome = settle(folding, live("a", 0), live("c", 52, "till2"), uses=2, refund=refund)
    assert (won(outcome), lost(outcome)) == (["a"], [("c", None, "after_refund")])


def test_late_comes_before_after_refund(folding: ModuleType) -> None:
    refund = Refund(NOON * STEP_MS, 1)
    late = replace(live("a", 9), late=True)
    assert lost(settle(folding, late, refund=refund)) == [("a", None, "late_claim")]
