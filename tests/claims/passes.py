"""Write claims on one pass by hand, and read what became of them."""

from types import ModuleType

from o2o.claims.evidence import STEP_MS, Kind
from o2o.claims.fold import Claim, Outcome

# The step in which most of these passes are shown, 14:00:00 of some day.
NOON = 59_000_000


def live(
    name: str, step: int, till: str = "till1", *, gen: int = 1, quantity: int = 1, at: int = -1
) -> Claim:
    """Claim a live code of step NOON + `step`, by a till whose clock agrees unless `at` (steps) says otherwise."""
    moment = (NOON + (step if at < 0 else at)) * STEP_MS
    return Claim(name, till, "live", gen, quantity, moment, step=NOON + step)


def plain(name: str, step: int, till: str = "till1", *, kind: Kind = "bearer", quantity: int = 1) -> Claim:
    """Claim a code without a proof at the beginning of a step."""
    return Claim(name, till, kind, 1, quantity, (NOON + step) * STEP_MS)


def settle(folding: ModuleType, *claims: Claim, uses: int = 1, **more: object) -> Outcome:
    return folding.fold(uses=uses, claims=claims, **more)  # type: ignore[no-any-return]


def won(outcome: Outcome) -> list[str]:
    return [row.claim.id for row in outcome.winners]


def lost(outcome: Outcome) -> list[tuple[str, str | None, str]]:
    return [(row.claim.id, row.against, row.cause) for row in outcome.losers]
