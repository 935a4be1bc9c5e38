"""What the fold promises of every history; each check takes the module under test, so that mutants can be tried."""

from collections.abc import Callable
from random import Random
from types import ModuleType

from o2o.claims.fold import Annul, Claim, Outcome
from tests.claims.histories import History

Check = Callable[[ModuleType, History, Random], None]
STEP = 30_000
QUARTER = 900_000


def settle(folding: ModuleType, past: History) -> Outcome:
    """Fold a history as it is."""
    return folding.fold(  # type: ignore[no-any-return]
        uses=past.uses, claims=past.claims, annuls=past.annuls, refund=past.refund, gens=dict(past.gens)
    )


def any_order(folding: ModuleType, past: History, random: Random) -> None:
    """Order, repetition and pieces change nothing."""
    outcome = settle(folding, past)
    claims = list(past.claims)
    annuls = list(past.annuls)
    for _ in range(2):
        random.shuffle(claims)
        random.shuffle(annuls)
        again = claims + random.choices(claims, k=2)
        assert settle_sets(folding, past, again, annuls + annuls[:1]) == outcome
    cut = random.randint(0, len(claims))
    settle_sets(folding, past, claims[:cut], annuls)
    pieces = claims[cut:] + claims[: cut + 1]
    assert settle_sets(folding, past, pieces, annuls) == outcome


def settle_sets(folding: ModuleType, past: History, claims: list[Claim], annuls: list[Annul]) -> Outcome:
    """Fold other arrivals of the same history, the bindings given as pairs."""
    return folding.fold(  # type: ignore[no-any-return]
        uses=past.uses,
        claims=(claim for claim in claims),
        annuls=(annul for annul in annuls),
        refund=past.refund,
        gens=reversed(past.gens),
    )


def each_once(folding: ModuleType, past: History, random: Random) -> None:
    """Every claim is exactly one of winner, loser, collapsed and annulled."""
    outcome = settle(folding, past)
    named = [won.claim.id for won in outcome.winners]
    named += [lost.claim.id for lost in outcome.losers]
    named += [twin for twin, _ in outcome.collapsed]
    named += outcome.annulled
    assert sorted(named) == sorted(claim.id for claim in past.claims)


def within_uses(folding: ModuleType, past: History, random: Random) -> None:
    """No use is given twice, and what may be paid back is what nobody took."""
    outcome = settle(folding, past)
    used = sum(won.claim.quantity for won in outcome.winners)
    assert used <= past.uses - _released(past)
    assert outcome.used == used
    assert outcome.refundable == past.uses - used
    assert outcome.refundable >= _released(past)


def numbered(folding: ModuleType, past: History, random: Random) -> None:
    """Winners are numbered from 1 in their order, with what each left."""
    left = past.uses - _released(past)
    for number, won in enumerate(settle(folding, past).winners, start=1):
        left -= won.claim.quantity
        assert (won.number, won.left) == (number, left)


def annulled_out(folding: ModuleType, past: History, random: Random) -> None:
    """Exactly the claims that their own till took back in time are out, and never a final one."""
    expected = {
        claim.id
        for claim in past.claims
        for annul in past.annuls
        if annul.of == claim.id
        and annul.till == claim.till
        and -QUARTER <= annul.at - claim.at <= QUARTER
        and not claim.final
    }
    outcome = settle(folding, past)
    assert outcome.annulled == tuple(sorted(expected))
    assert not expected & {won.claim.id for won in outcome.winners}


def finals_stay(folding: ModuleType, past: History, random: Random) -> None:
    """What was final still wins, first of all."""
    final = {claim.id for claim in past.claims if claim.final}
    winners = [won.claim.id for won in settle(folding, past).winners]
    assert set(winners[: len(final)]) == final


def by_rank(folding: ModuleType, past: History, random: Random) -> None:
    """A loser found too few uses left by those before it; winners stand in their order."""
    outcome = settle(folding, past)
    winners = [won.claim for won in outcome.winners]
    assert winners == sorted(winners, key=rank)
    for lost in outcome.losers:
        before = sum(winner.quantity for winner in winners if rank(winner) < rank(lost.claim))
        wanted = before + lost.claim.quantity + _released(past)
        assert wanted > past.uses or _asked_before(past, lost.claim)


def refund_stands(folding: ModuleType, past: History, random: Random) -> None:
    """Nothing shown after the refund was asked for wins, and it is said why."""
    outcome = settle(folding, past)
    for won in outcome.winners:
        assert won.claim.final or not _asked_before(past, won.claim)
    for lost in outcome.losers:
        if lost.cause == "after_refund":
            assert lost.against is None
        assert (lost.cause == "after_refund") <= _asked_before(past, lost.claim)
        assert _asked_before(past, lost.claim) <= (lost.cause in ("after_refund", "late_claim"))


def one_showing_once(folding: ModuleType, past: History, random: Random) -> None:
    """Scans of one showing by one till count once, by the first; nothing else collapses."""
    outcome = settle(folding, past)
    by_id = {claim.id: claim for claim in past.claims}
    for twin, same in outcome.collapsed:
        assert by_id[twin].kind == "live"
        assert _showing(by_id[twin]) == _showing(by_id[same])
        assert rank(by_id[same]) < rank(by_id[twin])
    gone = {twin for twin, _ in outcome.collapsed} | set(outcome.annulled)
    kept = [claim for claim in past.claims if claim.id not in gone and claim.kind == "live"]
    assert len({_showing(claim) for claim in kept}) == len(kept)


def strikes_are_hard(folding: ModuleType, past: History, random: Random) -> None:
    """Each cause has its evidence; a strike has two far proofs of one key at two tills, neither of them in doubt."""
    outcome = settle(folding, past)
    winners = {won.claim.id: won.claim for won in outcome.winners}
    for lost in outcome.losers:
        assert (_class(lost.claim) == 3) <= (lost.cause == "late_claim")
        if lost.against is None:
            assert _asked_before(past, lost.claim) or _released(past) or lost.claim.quantity > past.uses
            continue
        pair = (lost.claim, winners[lost.against])
        apart = abs(_step(pair[0]) - _step(pair[1]))
        proofs = pair[0].kind == pair[1].kind == "live" and pair[0].gen == pair[1].gen
        if lost.cause == "presented_twice":
            assert proofs
            assert apart > 3
            assert pair[0].till != pair[1].till
            assert not any(_doubtful(claim) for claim in pair)
        if lost.cause == "one_showing_two_tills":
            assert proofs
            assert apart <= 3
            assert pair[0].till != pair[1].till


def doubts_are_held(folding: ModuleType, past: History, random: Random) -> None:
    """A winner whose times disagree is not paid by itself; what is final was decided."""
    outcome = settle(folding, past)
    winners = {won.claim.id: won.claim for won in outcome.winners}
    assert {claim.id for claim in winners.values() if _doubtful(claim)} <= set(outcome.held)
    assert set(outcome.held) <= {claim.id for claim in winners.values() if not claim.final}


def annul_of_loser_is_nothing(folding: ModuleType, past: History, random: Random) -> None:
    """Taking back what had lost anyway moves no winner."""
    outcome = settle(folding, past)
    for lost in outcome.losers[:2]:
        annul = Annul(lost.claim.id, lost.claim.till, lost.claim.at)
        after = settle_sets(folding, past, list(past.claims), [*past.annuls, annul])
        assert after.winners == outcome.winners
        assert lost.claim.id in after.annulled


PROMISES: tuple[Check, ...] = (
    any_order,
    each_once,
    within_uses,
    numbered,
    annulled_out,
    finals_stay,
    by_rank,
    refund_stands,
    one_showing_once,
    strikes_are_hard,
    doubts_are_held,
    annul_of_loser_is_nothing,
)


def rank(claim: Claim) -> tuple[int, int, int, str]:
    """Say the order of pass.md in the test's own words."""
    return (_class(claim), _step(claim), claim.at, claim.id)


def _class(claim: Claim) -> int:
    flags = (claim.final, claim.confirmed, not claim.late)
    return flags.index(True) if any(flags) else 3


def _step(claim: Claim) -> int:
    return claim.step if claim.step is not None else claim.at // STEP


def _showing(claim: Claim) -> tuple[str, int, int | None, int]:
    return (claim.till, claim.gen, claim.step, claim.quantity)


def _released(past: History) -> int:
    return past.refund.uses if past.refund and past.refund.released else 0


def _asked_before(past: History, claim: Claim) -> bool:
    if past.refund is None:
        return False
    # A phone's clock may be one step ahead.
    return _step(claim) > past.refund.at // STEP + (claim.kind == "live")


def _doubtful(claim: Claim) -> bool:
    far = claim.kind == "live" and abs(claim.at // STEP - _step(claim)) > 20
    return not claim.final and (claim.suspect or (far and not claim.confirmed))
