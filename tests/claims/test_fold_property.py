"""More than 10,000 random histories of a pass: one state each, whatever the order, and every promise kept."""

from collections import Counter
from random import Random
from typing import get_args

import pytest

from o2o.claims import fold as folding
from tests.claims.histories import histories
from tests.claims.promises import PROMISES, settle

CHUNKS = 24
EACH = 500


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_history_has_one_state(chunk: int) -> None:
    random = Random(chunk)
    for past in histories(chunk, EACH):
        for promise in PROMISES:
            promise(folding, past, random)


def test_histories_reach_every_corner() -> None:
    """A property over histories in which nothing happens would prove nothing."""
    seen: Counter[str] = Counter()
    for past in histories(1000, EACH):
        outcome = settle(folding, past)
        seen.update(lost.cause for lost in outcome.losers)
        seen["same_scan"] += len(outcome.collapsed)
        seen["annulled"] += len(outcome.annulled)
        seen["held"] += len(outcome.held)
        seen["final"] += sum(won.claim.final for won in outcome.winners)
        seen["late winner"] += any(won.claim.late for won in outcome.winners)
        seen["released"] += past.refund is not None and past.refund.released
        seen["pending"] += past.refund is not None and not past.refund.released
        seen["rebound"] += len(past.gens) > 1
        seen[f"{past.uses} uses"] += 1
    corners = {*get_args(folding.Cause), "annulled", "held", "final", "late winner", "released", "pending"}
    corners |= {"rebound", "1 uses", "2 uses", "3 uses", "4 uses", "5 uses"}
    assert {corner: seen[corner] for corner in corners if seen[corner] < 10} == {}
