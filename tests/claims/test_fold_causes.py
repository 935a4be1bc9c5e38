"""Hand-made passes: every cause, every boundary of it, and what is in doubt. Mutants meet these too."""

from dataclasses import replace
from itertools import permutations
from types import ModuleType

import pytest

from o2o.claims import evidence
from o2o.claims import fold as real
from o2o.claims.evidence import STEP_MS
from o2o.claims.fold import Refund
from tests.claims.passes import NOON, live, lost, plain, settle, won

DAY = 24 * 3_600_000


@pytest.fixture
def folding() -> ModuleType:
    return real


def test_one_till_over_its_own_count_is_no_strike(folding: ModuleType) -> None:
    assert lost(settle(folding, live("a", 0), live("b", 1))) == [("b", "a", "stale_proof")]
    assert lost(settle(folding, live("a", 0), live("b", 90))) == [("b", "a", "stale_proof")]


def test_showings_three_steps_apart_are_one(folding: ModuleType) -> None:
    assert lost(settle(folding, live("a", 0), live("b", 3, "till2"))) == [("b", "a", "one_showing_two_tills")]
    assert lost(settle(folding, live("a", 0), live("b", 4, "till2"))) == [("b", "a", "presented_twice")]


def test_two_tills_any_order_same_winner(folding: ModuleType) -> None:
    claims = (live("b", 40, "till2"), live("a", 10), live("c", 11, "till3"))
    outcomes = {settle(folding, *order, *order[:1]) for order in permutations(claims)}
    assert [lost(outcome) for outcome in outcomes] == [
        [("c", "a", "one_showing_two_tills"), ("b", "a", "presented_twice")]
    ]


def test_a_suspect_winner_is_held_and_gives_no_strike(folding: ModuleType) -> None:
    suspect = replace(live("a", 0), suspect=True)
    outcome = settle(folding, suspect, live("b", 9, "till2"))
    assert (won(outcome), outcome.held) == (["a"], ("a",))
    assert lost(outcome) == [("b", "a", "stale_proof")]


def test_a_suspect_loser_gives_no_strike(folding: ModuleType) -> None:
    suspect = replace(live("b", 9, "till2", gen=2), suspect=True)
    outcome = settle(folding, live("a", 0), suspect)
    assert (outcome.held, lost(outcome)) == ((), [("b", "a", "stale_proof")])


def test_drift_beyond_twenty_steps_is_held(folding: ModuleType) -> None:
    assert settle(folding, live("a", 0, at=20)).held == ()
    assert settle(folding, live("a", 0, at=21)).held == ("a",)
    assert settle(folding, live("a", 30, at=10)).held == ()
    assert settle(folding, live("a", 30, at=9)).held == ("a",)


def test_confirmed_and_final_are_not_held(folding: ModuleType) -> None:
    adrift = live("a", 0, at=21)
    assert settle(folding, replace(adrift, confirmed=True)).held == ()
    assert settle(folding, replace(adrift, final=True, suspect=True)).held == ()
    assert settle(folding, replace(adrift, confirmed=True, suspect=True)).held == ("a",)


def test_a_proof_used_again_beyond_its_showing_is_held(folding: ModuleType) -> None:
    again = live("b", 0, "till2", at=4)
    outcome = settle(folding, live("a", 0), again, uses=5)
    assert (won(outcome), outcome.held) == (["a", "b"], ("b",))
    assert lost(settle(folding, live("a", 0), again)) == [("b", "a", "stale_proof")]
    assert settle(folding, live("a", 0), live("b", 0, "till2", at=3), uses=5).held == ()


def test_a_proof_used_again_for_more_at_its_till_is_held(folding: ModuleType) -> None:
    outcome = settle(folding, live("a", 0), live("b", 0, quantity=2), uses=5)
    assert (won(outcome), outcome.collapsed, outcome.held) == (["a", "b"], (), ("b",))


def test_a_claim_older_than_its_binding_is_held(folding: ModuleType) -> None:
    for step, held in ((20, ()), (21, ("a",))):
        gens = {1: 0, 2: (NOON + step) * STEP_MS}
        assert settle(folding, live("a", 0, gen=2), gens=gens).held == held
        assert settle(folding, live("a", 0), gens=list(gens.items())).held == ()


def test_two_phones(folding: ModuleType) -> None:
    outcome = settle(folding, live("a", 0), live("b", 1, "till2", gen=2))
    assert lost(outcome) == [("b", "a", "two_phones")]
    printed = replace(plain("b", 9, "till2"), gen=2)
    assert lost(settle(folding, live("a", 0), printed)) == [("b", "a", "two_phones")]


def test_copy_possible_whichever_side_has_no_proof(folding: ModuleType) -> None:
    for first, second in (
        (plain("a", 0), live("b", 1, "till2")),
        (live("a", 0), plain("b", 1, "till2")),
        (live("a", 0), plain("b", 9, "till2", kind="typed")),
        (plain("a", 0), plain("b", 0, "till1")),
    ):
        assert lost(settle(folding, first, second)) == [("b", "a", "copy_possible")]


def test_seen_against_the_nearest_winner(folding: ModuleType) -> None:
    outcome = settle(folding, live("a", 0), live("b", 20, "till2"), live("c", 22, "till3"), uses=2)
    assert lost(outcome) == [("c", "b", "one_showing_two_tills")]


def test_seen_against_the_first_of_two_as_near(folding: ModuleType) -> None:
    outcome = settle(folding, live("b", 0), live("a", 0, "till2"), live("c", 9, "till3"), uses=2)
    assert lost(outcome) == [("c", "a", "presented_twice")]


def test_seen_against_another_till_before_its_own(folding: ModuleType) -> None:
    """The till of c had counted b; what it could not know of is a."""
    outcome = settle(folding, live("a", 0, "till2"), live("b", 1), live("c", 2), uses=2)
    assert lost(outcome) == [("c", "a", "one_showing_two_tills")]


def test_a_fresh_list_older_than_the_request_excuses(folding: ModuleType) -> None:
    refund = Refund(NOON * STEP_MS, 1)
    claim = live("a", 9)
    assert not folding.list_excuses(claim, refund)
    for fetched, excused in (
        (refund.at, True),
        (refund.at + 1, False),
        (claim.at - DAY, True),
        (claim.at - DAY - 1, False),
    ):
        assert folding.list_excuses(replace(claim, list_at=fetched), refund) is excused


def test_a_claim_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="claim a"):
        replace(plain("a", 0), step=3)
    with pytest.raises(ValueError, match="claim a"):
        replace(plain("a", 0), quantity=0)
    with pytest.raises(ValueError, match="claim a"):
        evidence.Claim("a", "till1", "live", 1, 1, 0)
