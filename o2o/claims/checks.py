"""I17 and I18: claims stand as the fold says, and take exactly what they won; I21: entries are as they were signed."""

import json
from collections.abc import Iterator

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from o2o.claims.books import Standing, gather, outcome
from o2o.claims.entry import Malformed, digest, parse
from o2o.claims.models import Claim, Entry
from o2o.kernel.checks import invariant
from o2o.passes.models import Pass
from o2o.redemption.models import Redemption
from o2o.tills.models import Till

AT_ONCE = 500


@invariant("I17", "every claim stands as the fold of its pass says")
def stand_as_folded(session: Session) -> Iterator[str]:
    """Fold every pass that has claims anew and compare."""
    last = ""
    while True:
        claimed = select(Claim.pass_id).where(Claim.pass_id == Pass.id).exists()
        rows = select(Pass).where(claimed, Pass.id > last, Pass.state != "revoked").order_by(Pass.id)
        passes = session.scalars(rows.limit(AT_ONCE)).all()
        if not passes:
            return
        last = passes[-1].id
        for pass_id, books in gather(session, passes, lock=False).items():
            try:
                standings = outcome(books)
            except ValueError as error:
                yield f"pass {pass_id}: {error}"
                continue
            # What is final is doubted no more, so causes seen against it may be named otherwise today.
            is_final = any(row.final_at for row in books.redemptions.values())
            for claim in books.claims:
                stands = Standing.of(claim)
                if stands.standing != standings[claim.id].standing or not (
                    is_final or stands == standings[claim.id]
                ):
                    yield f"claim {claim.id}: {Standing.of(claim)}, the fold says {standings[claim.id]}"


@invariant("I18", "a claim that won has exactly one live redemption, any other none")
def take_what_they_won(session: Session) -> Iterator[str]:
    """Compare claims with the redemptions that name them."""
    live = and_(Redemption.claim_id == Claim.id, Redemption.annulled_at.is_(None))
    same = and_(Redemption.id == Claim.redemption_id, Redemption.quantity == Claim.quantity)
    rows = (
        select(
            Claim.id,
            Claim.standing,
            Claim.redemption_id,
            func.count(Redemption.id),
            func.count(Claim.id).filter(same),
        )
        .outerjoin(Redemption, live)
        .group_by(Claim.id, Claim.standing, Claim.redemption_id)
    )
    for claim_id, standing, redemption_id, count, matching in session.execute(rows):
        wanted = 1 if standing == "won" else 0
        if (count, matching) != (wanted, wanted) or (redemption_id is not None) != bool(wanted):
            yield f"claim {claim_id} {standing}: {count} live redemptions, {matching} of them its own"


@invariant("I21", "an entry is as its till signed it, and a till's head has nothing missing below it")
def entries_hold(session: Session) -> Iterator[str]:
    """Hash every entry again; compare each till's head with what is here."""
    for entry in session.scalars(
        select(Entry).order_by(Entry.till_id, Entry.seq).execution_options(yield_per=AT_ONCE)
    ):
        try:
            line = parse(json.loads(entry.raw))
        except (Malformed, ValueError) as error:
            yield f"entry {entry.claim_id}: its text is damaged ({error})"
            continue
        row = (
            entry.claim_id,
            entry.till_id,
            entry.shop_id,
            entry.seq,
            entry.act,
            entry.prev,
            entry.hash,
            entry.at,
        )
        if digest(line) != line.hash or row != (
            line.claim_id, line.till, line.shop, line.seq, line.act, line.prev, line.hash, line.corrected,
        ):  # fmt: skip
            yield f"entry {entry.claim_id} of till {entry.till_id}: not what was signed"
    below = and_(Entry.till_id == Till.id, Entry.seq <= Till.head)
    heads = (
        select(Till.id, Till.head, func.count(Entry.claim_id))
        .outerjoin(Entry, below)
        .group_by(Till.id, Till.head)
    )
    for till_id, head, count in session.execute(heads):
        if head != count:
            yield f"till {till_id}: its head is {head}, and {count} entries are here"
