"""Make histories of one pass: who claimed, annulled, re-bound and asked money back, and what had become final.

A history is what the server has stored in the end. It is valid by growth, not by filter: the first arrivals are
folded, some winners become final, an open refund may be paid out, and only then the rest arrives.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random

from o2o.claims.evidence import STEP_MS, Kind
from o2o.claims.fold import Annul, Claim, Refund, fold

START = 60_000_000 * STEP_MS
TILLS = ("aaaa", "bbbb", "cccc", "dddd")
# Steps by which a till's clock and a proof differ: mostly none; 20 is still amber, 21 is not.
DRIFTS = (0, 0, 0, 0, 0, 1, -1, 3, 4, -8, 20, 21, -25)
KINDS: tuple[Kind, ...] = ("live", "live", "live", "bearer", "typed")
ANNUL_DELAYS = (0, 60_000, 900_000, 900_001, -5, 4_000_000)


@dataclass(frozen=True)
class History:
    """Hold what the fold is given."""

    uses: int
    claims: tuple[Claim, ...]
    annuls: tuple[Annul, ...] = ()
    refund: Refund | None = None
    gens: tuple[tuple[int, int], ...] = ()


def history(random: Random) -> History:
    """Make one history; the same state of `random` makes the same one."""
    uses = random.randint(1, 5)
    tills = TILLS[: random.randint(1, 4)]
    span = random.choice((6, 12, 60, 400))
    gens = _bindings(random, span)
    claims: list[Claim] = []
    for _ in range(random.randint(1, 9)):
        again = [claim for claim in claims if claim.kind == "live"]
        if again and random.random() < 0.25:
            claims.append(_scan_again(random, random.choice(again), tills))
        else:
            claims.append(_claim(random, tills, len(gens), span))
    annuls = [_annul(random, claim, tills) for claim in claims if random.random() < 0.2]
    if random.random() < 0.1:
        annuls.append(Annul("unknown", tills[0], START))
    refund = None
    if random.random() < 0.45:
        refund = Refund(START + random.randint(0, span) * STEP_MS + 15_000, random.randint(1, uses))
    return _grown(random, History(uses, tuple(claims), tuple(annuls), refund, gens))


@lru_cache(maxsize=2)
def histories(seed: int, count: int) -> tuple[History, ...]:
    """Make `count` histories from a seed."""
    random = Random(seed)
    return tuple(history(random) for _ in range(count))


def _bindings(random: Random, span: int) -> tuple[tuple[int, int], ...]:
    binds = sorted(random.randint(0, span) for _ in range(random.choice((0, 0, 1, 2))))
    return tuple(enumerate((START + step * STEP_MS for step in (-1000, *binds)), start=1))


def _claim(random: Random, tills: tuple[str, ...], gens: int, span: int) -> Claim:
    kind = random.choice(KINDS)
    shown = START // STEP_MS + random.randint(0, span)
    drift = random.choice(DRIFTS) if kind == "live" else 0
    return Claim(
        id=f"{random.getrandbits(32):08x}",
        till=random.choice(tills),
        kind=kind,
        gen=random.randint(1, gens),
        quantity=random.choice((1, 1, 1, 1, 2, 3)),
        at=(shown + drift) * STEP_MS + random.choice((0, 0, 10_000, 29_999)),
        step=shown if kind == "live" else None,
        confirmed=random.random() < 0.2,
        late=random.random() < 0.15,
        suspect=random.random() < 0.05,
    )


def _scan_again(random: Random, claim: Claim, tills: tuple[str, ...]) -> Claim:
    """Scan a code a second time: at the same till or another, at once or later, for as many or not."""
    return replace(
        claim,
        id=f"{random.getrandbits(32):08x}",
        till=claim.till if random.random() < 0.6 else random.choice(tills),
        at=claim.at + random.choice((0, 0, 2_000, 31_000, 4 * STEP_MS, 9 * STEP_MS)),
        quantity=claim.quantity if random.random() < 0.8 else random.randint(1, 3),
        confirmed=random.random() < 0.2,
    )


def _annul(random: Random, claim: Claim, tills: tuple[str, ...]) -> Annul:
    till = claim.till if random.random() < 0.7 else random.choice(tills)
    return Annul(claim.id, till, claim.at + random.choice(ANNUL_DELAYS))


def _grown(random: Random, whole: History) -> History:
    """Let the first arrivals become final and the refund be paid out; the rest comes afterwards."""
    first = random.sample(whole.claims, random.randint(0, len(whole.claims)))
    annuls = [annul for annul in whole.annuls if random.random() < 0.7]
    seen = fold(uses=whole.uses, claims=first, annuls=annuls, refund=whole.refund, gens=dict(whole.gens))
    final = {won.claim.id for won in seen.winners if random.random() < 0.4}
    claims = tuple(replace(claim, final=claim.id in final) for claim in whole.claims)
    refund = whole.refund
    if refund and seen.refundable and random.random() < 0.6:
        refund = replace(refund, uses=random.randint(1, seen.refundable), released=True)
    return replace(whole, claims=claims, refund=refund)
