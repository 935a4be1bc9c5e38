"""Decide what one entry of a till counts for: a claim, an undo, or nothing, and why not."""

from datetime import datetime, timedelta

from o2o.claims.books import Books
from o2o.claims.desk import Desk
from o2o.claims.entry import Line
from o2o.claims.evidence import ANNUL_MS
from o2o.claims.models import Claim
from o2o.claims.reading import Read
from o2o.kernel import clock
from o2o.passes import queries as passes
from o2o.passes.rules import LEEWAY
from o2o.redemption import rules as redemption
from o2o.redemption.models import Redemption

# How fresh a code without a proof must be for the server to have looked on.
SEEN = timedelta(seconds=60)


def is_seen(entry: Read, now: datetime) -> bool:
    """Tell whether the till asks before it shows green: the server's own clock says that it is now."""
    line = entry.line
    if line is None or line.mode != "online":
        return False
    if entry.shown is not None and entry.shown.step is not None:
        return passes.freshness(entry.shown.step - passes.step_of(now), proven=True) == "ok"
    return abs(line.corrected - now) <= SEEN


def refusal(desk: Desk, entry: Read) -> str:
    """Say why an entry that is the till's own counts for nothing; empty when it counts."""
    line = entry.line
    if line is None:
        return entry.refusal
    if line.staff not in desk.worked:
        return "not_staff"
    if line.act == "refuse":
        return ""
    if _is_after_revocation(desk, entry, line):
        return "till_revoked"
    return _annul_refusal(desk, line) if line.act == "annul" else _claim_refusal(desk, entry, line)


def claim_of(desk: Desk, entry: Read, line: Line, pass_id: str) -> Claim:
    """Build the claim of a use from what was verified; its standing is not known before the fold."""
    now = desk.now
    seen = is_seen(entry, now)
    step = entry.shown.step if entry.shown else None
    shown_at = _shown_at(entry, line)
    return Claim(
        id=line.claim_id,
        pass_id=pass_id,
        shop_id=desk.till.shop_id,
        till_id=desk.till.id,
        staff_id=line.staff,
        kind=entry.shown.kind if entry.shown else "typed",
        gen=_gen(desk, entry, line, pass_id),
        quantity=line.quantity,
        step=step,
        text=entry.typed or line.text,
        at=now if seen else line.corrected,
        received_at=now,
        # What is new was written after the till's last word with nothing missing: it had these lists at least.
        list_epoch=max(line.list, desk.till.acked),
        list_at=line.listed,
        is_confirmed=seen,
        is_late=not seen and now - shown_at > redemption.LATEST,
        is_suspect=_is_ahead(entry, line, now) or _is_unverifiable(desk, entry),
        standing="lost",
    )


def _claim_refusal(desk: Desk, entry: Read, line: Line) -> str:
    if entry.refusal:
        return entry.refusal
    books = desk.books.get(desk.passes.get(entry.place, ""))
    if entry.is_withdrawn and (is_seen(entry, desk.now) or not _is_issued(entry, books)):
        return "unknown_key"
    if books is None:
        return "format" if entry.typed else "revoked"
    pass_ = books.pass_
    if entry.shown is not None and entry.shown.token.gen > pass_.gen:
        return "superseded"
    if is_seen(entry, desk.now):
        return _asked_refusal(desk, entry, line, pass_.id)
    shown_at = _shown_at(entry, line)
    if shown_at < pass_.not_before - LEEWAY:
        return "too_early"
    if shown_at >= pass_.expires + LEEWAY:
        return "expired"
    return "revoked" if pass_.state == "revoked" else ""


def _is_issued(entry: Read, books: Books | None) -> bool:
    """Tell whether a token of a withdrawn key is word for word one that the site made: this pass, form and phone."""
    if entry.shown is None or books is None:
        return False
    token = entry.shown.token
    point = books.forms.get((token.gen, token.kid))
    if point is None:
        return False
    x, y = point
    device, parity = bytes.fromhex(x), int(y, 16) & 1
    return token == passes.token_of(books.pass_, kid=token.kid, gen=token.gen, device=device, parity=parity)


def _asked_refusal(desk: Desk, entry: Read, line: Line, pass_id: str) -> str:
    """Answer a till that asks before it shows green as the counter would."""
    code = redemption.Code(pass_id=pass_id)
    if entry.shown is not None:
        code = redemption.Code(
            pass_id=pass_id,
            gen=entry.shown.token.gen,
            kind=entry.shown.kind,
            step=entry.shown.step,
            is_proven=entry.shown.step is not None,
        )
    elif desk.codes.get(entry.typed) is None:
        return "superseded"
    answer = redemption.judge(
        desk.session,
        code=code,
        shop_id=desk.till.shop_id,
        quantity=line.quantity,
        now=desk.now,
        till_id=desk.till.id,
    )
    return "" if answer.is_ok else answer.reason


def _annul_refusal(desk: Desk, line: Line) -> str:
    target = desk.targets.get(line.of)
    if target is None:
        return ""
    if target.till_id not in ((desk.till.id,) if isinstance(target, Claim) else (None, desk.till.id)):
        return "wrong_till"
    books = desk.books.get(target.pass_id)
    if books is not None and books.is_sent:
        return "revoked"
    if isinstance(target, Redemption):
        if books is not None and books.pass_.state == "revoked":
            return "revoked"
        # In the till's own time, not in that of the receipt: it may have had no network since.
        return "" if target.annulled_at or redemption.can_undo(target, line.corrected) else "too_late"
    taken = books.redemptions.get(target.redemption_id or "") if books else None
    is_final = taken is not None and taken.final_at is not None
    apart = abs(clock.millis(line.corrected) - clock.millis(target.at))
    return "too_late" if is_final or apart > ANNUL_MS else ""


def _is_after_revocation(desk: Desk, entry: Read, line: Line) -> bool:
    """Tell whether a revoked till's word counts no more: only a phone's proof can show that it was before."""
    revoked_at = desk.till.revoked_at
    if revoked_at is None:
        return False
    if line.act == "annul":
        return line.corrected > revoked_at
    step = entry.shown.step if entry.shown else None
    return step is None or step >= passes.step_of(revoked_at)


def _shown_at(entry: Read, line: Line) -> datetime:
    """Say when the code was on the screen: by the phone's proof, else by the till's corrected clock."""
    if entry.shown is None or entry.shown.step is None:
        return line.corrected
    return clock.from_millis(entry.shown.step * passes.STEP_SECONDS * 1000)


def _gen(desk: Desk, entry: Read, line: Line, pass_id: str) -> int:
    if entry.shown is not None:
        return entry.shown.token.gen
    return desk.books[pass_id].pass_.gen if entry.typed in desk.codes else line.gen


def _is_ahead(entry: Read, line: Line, now: datetime) -> bool:
    """Tell whether an entry is from the future of its receipt."""
    if entry.shown is not None and entry.shown.step is not None:
        return entry.shown.step - passes.step_of(now) > passes.GREEN[1]
    return line.corrected - now > SEEN


def _is_unverifiable(desk: Desk, entry: Read) -> bool:
    """Tell whether only the till says that this code was taken in its time: the form it belonged to is over."""
    return bool(entry.typed) and entry.typed not in desk.codes
