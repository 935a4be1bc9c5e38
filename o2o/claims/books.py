"""Everything that is known of a pass's uses, gathered for many passes at once, and folded."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.claims import fold as folding
from o2o.claims.models import Claim, Entry
from o2o.holders.models import DeviceKey
from o2o.kernel import clock
from o2o.passes.models import Pass, PassForm
from o2o.payments.models import Payback
from o2o.redemption.models import Redemption
from o2o.refunds.models import Refund


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of a claim; a winner with a cause is held. `number` orders the winners and is not stored."""

    standing: str
    cause: str | None = None
    against: str | None = None
    number: int = field(default=0, compare=False)

    @property
    def is_calm(self) -> bool:
        """Tell whether there is nothing to say about it: it won, and nobody has to decide."""
        return self.standing == "won" and self.cause is None

    @classmethod
    def of(cls, claim: Claim) -> "Standing":
        """Give what is written down of a claim."""
        return cls(claim.standing, claim.cause, claim.against)


# A claim that was not folded yet.
UNKNOWN = Standing("lost")
# What an operator did not let stand: nobody won against it.
DECIDED = Standing("lost", "stale_proof")


@dataclass(slots=True)
class Books:
    """One pass: what tills claim of it and take back, the counter's redemptions, its refund, its forms.

    `began` says since when each gen is, `forms` which phone's x and y each (gen, kid) was signed for, if one's,
    `codes` the hash of each gen's short code (None: it was not kept).
    `is_sent` says that the refund's money is out, or at the bank: claims change it no more.
    """

    pass_: Pass
    claims: list[Claim] = field(default_factory=list)
    annuls: list[folding.Annul] = field(default_factory=list)
    redemptions: dict[str, Redemption] = field(default_factory=dict)
    began: dict[int, int] = field(default_factory=dict)
    forms: dict[tuple[int, int], tuple[str, str] | None] = field(default_factory=dict)
    codes: dict[int, str | None] = field(default_factory=dict)
    refund: Refund | None = None
    is_sent: bool = False


def gather(session: Session, passes: Iterable[Pass], *, lock: bool = True) -> dict[str, Books]:
    """Read the books of passes that are locked: five statements however many there are."""
    books = {row.id: Books(row) for row in passes}
    if not books:
        return books
    fresh = {"populate_existing": True}
    # A redemption is made final without its pass's lock: hold the rows, so that none becomes so meanwhile.
    done = select(Redemption).where(Redemption.pass_id.in_(books)).order_by(Redemption.id)
    done = done.with_for_update() if lock else done
    for redemption in session.scalars(done.execution_options(**fresh)):
        books[redemption.pass_id].redemptions[redemption.id] = redemption
    claims = select(Claim).where(Claim.pass_id.in_(books)).order_by(Claim.id)
    for claim in session.scalars(claims.execution_options(**fresh)):
        books[claim.pass_id].claims.append(claim)
    undone = select(Entry).where(Entry.pass_id.in_(books), Entry.act == "annul", Entry.status == "stored")
    for entry in session.scalars(undone):
        books[str(entry.pass_id)].annuls.append(annul_of(entry))
    of_form = (PassForm.pass_id, PassForm.gen, PassForm.kid, PassForm.code, PassForm.at)
    signed = select(*of_form, DeviceKey.x, DeviceKey.y)
    forms = signed.outerjoin(DeviceKey, DeviceKey.id == PassForm.device_id).where(PassForm.pass_id.in_(books))
    for pass_id, gen, kid, code, at, x, y in session.execute(forms.order_by(PassForm.at.desc())):
        books[pass_id].began[gen] = clock.millis(at)
        books[pass_id].codes[gen] = books[pass_id].codes.get(gen) or code
        books[pass_id].forms[gen, kid] = (x, y) if x else None
    asked = select(Refund, Payback.state).outerjoin(Payback, Payback.id == Refund.payback_id)
    live = asked.where(Refund.pass_id.in_(books), Refund.state != "withdrawn")
    for refund, payback in session.execute(live.execution_options(**fresh)):
        books[refund.pass_id].refund = refund
        books[refund.pass_id].is_sent = refund.state == "paid" or payback not in (None, "created")
    return books


def annul_of(entry: Entry) -> folding.Annul:
    """Give an annulling entry as the fold knows it."""
    return folding.Annul(json.loads(entry.raw)["of"], entry.till_id, clock.millis(entry.at))


def outcome(books: Books) -> dict[str, Standing]:
    """Fold a pass and say where each of its claims stands. Raises ValueError when its uses do not add up."""
    twins = {row.nonce: row for row in books.redemptions.values() if row.claim_id is None}
    settled = {claim.id: _twin(twins[claim.id]) for claim in books.claims if claim.id in twins}
    settled |= {str(row.claim_id): DECIDED for row in books.redemptions.values() if _is_refused(row)}
    counter = [_at_counter(row, books) for row in twins.values() if row.annulled_at is None]
    claims = [_offered(claim, books) for claim in books.claims if claim.id not in settled]
    refund = _asked(books)
    result = folding.fold(
        uses=books.pass_.uses,
        claims=[*counter, *claims],
        annuls=books.annuls,
        refund=refund,
        gens=books.began,
    )
    return _standings(result) | settled


def _standings(result: folding.Outcome) -> dict[str, Standing]:
    held = set(result.held)
    found = {
        row.claim.id: Standing("won", "stale_proof" if row.claim.id in held else None, None, row.number)
        for row in result.winners
    }
    found |= {row.claim.id: Standing("lost", row.cause, row.against) for row in result.losers}
    found |= {name: Standing("collapsed", "same_scan", other) for name, other in result.collapsed}
    return found | {name: Standing("annulled") for name in result.annulled}


def _twin(row: Redemption) -> Standing:
    """Judge a claim that the counter carried out under the same number while the network was there."""
    return Standing("annulled") if row.annulled_at else Standing("collapsed", "same_scan", row.id)


def _is_refused(row: Redemption) -> bool:
    """Tell whether somebody decided that a held claim is not paid: the fold does not ask again."""
    return row.claim_id is not None and row.annulled_by is not None


def _at_counter(row: Redemption, books: Books) -> folding.Claim:
    """Give a redemption made by the server itself: its guarded update has decided, so it never loses."""
    at = clock.millis(row.at)
    gen = row.gen if row.gen is not None else _gen_at(books.began, at)
    return folding.Claim(
        id=row.id,
        till=row.till_id or f"counter of {row.shop_id}",
        kind="bearer" if row.step is None else "live",
        gen=gen,
        quantity=row.quantity,
        at=at,
        step=row.step,
        confirmed=True,
        final=True,
    )


def _gen_at(began: Mapping[int, int], at: int) -> int:
    """Say which form of a pass was the live one at a moment."""
    return max((gen for gen, start in began.items() if start <= at), default=0)


def _offered(claim: Claim, books: Books) -> folding.Claim:
    redemption = books.redemptions.get(claim.redemption_id or "")
    return folding.Claim(
        id=claim.id,
        till=claim.till_id,
        kind=claim.kind,  # type: ignore[arg-type]
        gen=claim.gen,
        quantity=claim.quantity,
        at=clock.millis(claim.at),
        step=claim.step,
        confirmed=claim.is_confirmed,
        final=redemption is not None and redemption.final_at is not None,
        late=claim.is_late,
        suspect=claim.is_suspect,
        list_at=clock.millis(claim.list_at) if claim.list_at else None,
    )


def _asked(books: Books) -> folding.Refund | None:
    if books.refund is None:
        return None
    return folding.Refund(clock.millis(books.refund.requested_at), books.refund.uses, books.is_sent)
