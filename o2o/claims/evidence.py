"""What a till's claim shows of itself: when the pass was shown, and whether its evidence agrees.

Pure like the fold that weighs it. All times are milliseconds since 1970 on the server's clock; a step is 30 s of
it (pass.md, "Token").
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["live", "bearer", "typed"]

STEP_MS: Final = 30_000  # pass.md, "Token": a proof's step is floor(corrected unix time / 30)
ANNUL_MS: Final = 15 * 60_000  # pass.md, "Reconciliation": annul within 15 min
AMBER: Final = 20  # pass.md, "Clock": a drift of more steps than this is no clock's error
AHEAD: Final = 1  # pass.md, "Clock": so many steps may a phone's proof be ahead and green
ONE_SHOWING: Final = 3  # pass.md, causes: steps within 3 are one showing
FRESH_LIST_MS: Final = 24 * 3_600_000  # pass.md, "Offline budget": a list is green up to 24 h


@dataclass(frozen=True, slots=True)
class Claim:
    """Say what one till claims of the pass; `id` is the claim's own, never the text that was scanned.

    `at` is the till's corrected time, or the server's where it looked on (`confirmed`). `step` is the proof's, of
    live codes only. `final` claims have won for good; `late` ones came more than 72 h after their own time.
    `suspect` is what only the receiver can see (a proof from the future of its receipt). `list_at` is when the
    till had fetched its lists. Raises ValueError for a live claim without a step, any other with one, and for a
    quantity below 1.
    """

    id: str
    till: str
    kind: Kind
    gen: int
    quantity: int
    at: int
    step: int | None = None
    confirmed: bool = False
    final: bool = False
    late: bool = False
    suspect: bool = False
    list_at: int | None = None

    def __post_init__(self) -> None:
        if (self.kind == "live") != (self.step is not None):
            raise ValueError(f"claim {self.id}: a proof's step belongs to a live code")
        if self.quantity < 1:
            raise ValueError(f"claim {self.id}: quantity {self.quantity}")


@dataclass(frozen=True, slots=True)
class Annul:
    """Take back the claim `of`, as `till` says it did `at` (corrected ms)."""

    of: str
    till: str
    at: int


@dataclass(frozen=True, slots=True)
class Refund:
    """Ask the money of `uses` back `at` (server's ms); once `released` those uses are gone."""

    at: int
    uses: int
    released: bool = False


def step_of(at: int) -> int:
    """Return the step in which the moment `at` (ms) lies."""
    return at // STEP_MS


def shown_in(claim: Claim) -> int:
    """Return the step in which the pass was shown: the proof's, else that of the corrected time."""
    return step_of(claim.at) if claim.step is None else claim.step


def is_after(claim: Claim, refund: Refund | None) -> bool:
    """Tell whether the pass was shown after its refund was asked for; in the same step it was not.

    A phone's clock may be AHEAD steps before ours: else its holder shows the pass, asks the money back within the
    same half minute, and has both.
    """
    if refund is None or claim.final:
        return False
    last = step_of(refund.at) + (AHEAD if claim.kind == "live" else 0)
    return shown_in(claim) > last


def list_excuses(claim: Claim, refund: Refund) -> bool:
    """Tell whether the till could not have known of the refund: its list was older, yet at most 24 h old.

    Then the platform bears an `after_refund`, else the shop (pass.md: "list age decides who bears").
    """
    if claim.list_at is None:
        return False
    return claim.list_at <= refund.at and claim.at - claim.list_at <= FRESH_LIST_MS


def doubted(scans: Sequence[Claim], uses: int, began: Mapping[int, int]) -> frozenset[str]:
    """Find claims whose own evidence disagrees; final ones were decided, confirmed ones were seen."""
    first: dict[tuple[int, int], Claim] = {}
    names = set()
    for claim in scans:
        original = claim if claim.step is None else first.setdefault((claim.gen, claim.step), claim)
        if claim.final:
            continue
        unlikely = not claim.confirmed and (_adrift(claim, began) or _replayed(claim, original))
        if unlikely or claim.suspect or claim.quantity > uses:
            names.add(claim.id)
    return frozenset(names)


def _adrift(claim: Claim, began: Mapping[int, int]) -> bool:
    """Tell whether till and proof disagree on the time, or the claim is older than the binding it names."""
    before = claim.gen in began and shown_in(claim) + AMBER < step_of(began[claim.gen])
    return before or abs(step_of(claim.at) - shown_in(claim)) > AMBER


def _replayed(claim: Claim, original: Claim) -> bool:
    """Tell whether a proof was used again beyond the one showing that two tills may share."""
    if claim is original:
        return False
    apart = abs(step_of(claim.at) - step_of(original.at))
    return claim.till == original.till or apart > ONE_SHOWING
