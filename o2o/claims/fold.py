"""Settle one pass between all tills that took uses of it: a pure function of the set of what they say.

No database, no clock, no arrival order: whoever folds the same set gets the same answer
(pass.md, "Reconciliation is a fold").
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from o2o.claims.evidence import (
    ANNUL_MS,
    ONE_SHOWING,
    Annul,
    Claim,
    Refund,
    doubted,
    is_after,
    list_excuses,
    shown_in,
)

__all__ = ["Annul", "Cause", "Claim", "Lost", "Outcome", "Refund", "Won", "fold", "list_excuses"]

Cause = Literal[
    "same_scan",
    "late_claim",
    "after_refund",
    "stale_proof",
    "two_phones",
    "copy_possible",
    "one_showing_two_tills",
    "presented_twice",
]

FINAL: Final = 0
CONFIRMED: Final = 1
OFFLINE: Final = 2
LATE: Final = 3


@dataclass(frozen=True, slots=True)
class Won:
    """Give a winning claim, its number among the pass's redemptions (1..) and the uses left after it."""

    claim: Claim
    number: int
    left: int


@dataclass(frozen=True, slots=True)
class Lost:
    """Give a losing claim, the id of the winner it is seen against (None: only a refund) and the cause."""

    claim: Claim
    against: str | None
    cause: Cause


@dataclass(frozen=True, slots=True)
class Outcome:
    """Tell what became of every claim; each is in exactly one of winners, losers, collapsed and annulled.

    `collapsed` pairs a repeated scan with the claim that stands for it. `used` counts the winners' uses,
    `refundable` the others (a released refund's among them). `held` are winners that take their uses and are
    not paid before somebody has decided.
    """

    winners: tuple[Won, ...]
    losers: tuple[Lost, ...]
    collapsed: tuple[tuple[str, str], ...]
    annulled: tuple[str, ...]
    used: int
    refundable: int
    held: tuple[str, ...]


def fold(
    *,
    uses: int,
    claims: Iterable[Claim],
    annuls: Iterable[Annul] = (),
    refund: Refund | None = None,
    gens: Mapping[int, int] | Iterable[tuple[int, int]] | None = None,
) -> Outcome:
    """Return what became of each claim on a pass of `uses` uses; any order and repetition gives the same.

    Claims win while uses remain, by (class, step, corrected time, id); one that wants more than is left loses
    whole. `gens` says when each binding of the pass began (ms). Raises ValueError when one id comes with two
    contents, and when final claims and a released refund together exceed the uses.
    """
    every = _by_id(claims)
    undone = _undone(every, annuls)
    standing = sorted((claim for claim in every.values() if claim.id not in undone), key=_rank)
    scans, collapsed = _collapse(standing)
    released = refund.uses if refund and refund.released else 0
    winners = _walk(scans, uses - released, refund)
    won = {claim.id for claim in winners}
    if released > uses or any(claim.final and claim.id not in won for claim in scans):
        raise ValueError(f"more uses are final or refunded than the pass has ({uses})")
    in_doubt = doubted(scans, uses, dict(gens or ()))
    # Who would have won had nothing been settled before it came: what beat it was only its own lateness.
    rightful = {claim.id for claim in _walk(sorted(scans, key=_plain_rank), uses, refund)}
    losers = []
    for claim in scans:
        if claim.id in won:
            continue
        rival = _nearest(claim, winners)
        refunded = is_after(claim, refund)
        ousted = claim.id in rightful or (rival is None and released > 0 and not refunded)
        cause = _cause(claim, rival, ousted=ousted, refunded=refunded, in_doubt=in_doubt)
        against = rival.id if rival and cause != "after_refund" else None
        losers.append(Lost(claim, against, cause))
    used = sum(claim.quantity for claim in winners)
    return Outcome(
        winners=_numbered(winners, uses - released),
        losers=tuple(losers),
        collapsed=collapsed,
        annulled=tuple(sorted(undone)),
        used=used,
        refundable=uses - used,
        held=tuple(claim.id for claim in winners if claim.id in in_doubt),
    )


def _by_id(claims: Iterable[Claim]) -> dict[str, Claim]:
    every: dict[str, Claim] = {}
    for claim in claims:
        if every.setdefault(claim.id, claim) != claim:
            raise ValueError(f"claim {claim.id} came with two contents")
    return every


def _undone(every: Mapping[str, Claim], annuls: Iterable[Annul]) -> frozenset[str]:
    """Find the claims taken back by their own till within 15 min; what is final stays."""
    undone = set()
    for annul in annuls:
        claim = every.get(annul.of)
        if claim is None or claim.final or annul.till != claim.till:
            continue
        # Either way: the till's clock may have been corrected by a little between the two.
        if abs(annul.at - claim.at) <= ANNUL_MS:
            undone.add(claim.id)
    return frozenset(undone)


def _class(claim: Claim) -> int:
    return FINAL if claim.final else _plain_class(claim)


def _plain_class(claim: Claim) -> int:
    """Give the class that a claim has, or had before it was final."""
    if claim.confirmed:
        return CONFIRMED
    return LATE if claim.late else OFFLINE


def _rank(claim: Claim) -> tuple[int, int, int, str]:
    return (_class(claim), shown_in(claim), claim.at, claim.id)


def _plain_rank(claim: Claim) -> tuple[int, int, int, str]:
    return (_plain_class(claim), shown_in(claim), claim.at, claim.id)


def _collapse(standing: Sequence[Claim]) -> tuple[list[Claim], tuple[tuple[str, str], ...]]:
    """Take one showing scanned twice by one till as one claim, the first by rank."""
    first: dict[tuple[str, int, int | None, int], Claim] = {}
    scans = []
    collapsed = []
    for claim in standing:
        showing = (claim.till, claim.gen, claim.step, claim.quantity)
        if claim.kind == "live" and not claim.final and showing in first:
            collapsed.append((claim.id, first[showing].id))
            continue
        if claim.kind == "live":
            first.setdefault(showing, claim)
        scans.append(claim)
    return scans, tuple(collapsed)


def _walk(ranked: Iterable[Claim], left: int, refund: Refund | None) -> list[Claim]:
    """Let claims win while uses are left."""
    winners = []
    for claim in ranked:
        if claim.quantity <= left and not is_after(claim, refund):
            left -= claim.quantity
            winners.append(claim)
    return winners


def _numbered(winners: Sequence[Claim], left: int) -> tuple[Won, ...]:
    rows = []
    for number, claim in enumerate(winners, start=1):
        left -= claim.quantity
        rows.append(Won(claim, number, left))
    return tuple(rows)


def _nearest(claim: Claim, winners: Sequence[Claim]) -> Claim | None:
    """Return the nearest winner by step, of other tills first: a till counts what it took itself."""

    def distance(winner: Claim) -> tuple[bool, int]:
        return (winner.till == claim.till, abs(shown_in(winner) - shown_in(claim)))

    return min(winners, key=distance, default=None)


def _cause(
    claim: Claim, rival: Claim | None, *, ousted: bool, refunded: bool, in_doubt: Collection[str]
) -> Cause:
    """Return the first cause that applies (pass.md, the table of causes).

    A strike needs two proofs beyond doubt, at two tills: where either is doubted, or one till took more than it
    had counted itself, the till is what is suspected.
    """
    if ousted or _class(claim) == LATE:
        return "late_claim"
    if refunded:
        return "after_refund"
    if rival is None or claim.id in in_doubt or rival.id in in_doubt:
        return "stale_proof"
    if claim.gen != rival.gen:
        return "two_phones"
    if claim.kind != "live" or rival.kind != "live":
        return "copy_possible"
    if claim.till == rival.till:
        return "stale_proof"
    is_one = abs(shown_in(claim) - shown_in(rival)) <= ONE_SHOWING
    return "one_showing_two_tills" if is_one else "presented_twice"
