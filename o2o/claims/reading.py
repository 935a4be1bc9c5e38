"""What can be known of a batch before anything is locked: forms, hashes, signatures, proofs. No database."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from o2o.claims.entry import Line, Malformed, claim_id_of, is_signed, parse
from o2o.kernel import tokens
from o2o.passes import queries as passes
from o2o.passes.queries import Shown, TokenRefused

LONGEST_TYPED = 64


class Read(NamedTuple):
    """One entry of a batch, by its place there.

    `line` is None for what is not this till's own entry: such a thing is refused and not kept. `refusal` is why it
    counts for nothing, `shown` the verified code, `typed` the short code in its stored form. `is_withdrawn` says that
    the code's key was withdrawn: its signature tells nothing any more, only its phone's proof was verified.
    """

    place: int
    claim_id: str | None
    line: Line | None = None
    refusal: str = ""
    shown: Shown | None = None
    typed: str = ""
    is_withdrawn: bool = False


def read(
    entries: Iterable[Any],
    *,
    till_id: str,
    shop_id: int,
    till_key: tokens.PublicKey,
    issuer_keys: Mapping[int, tokens.PublicKey],
    withdrawn_keys: Mapping[int, tokens.PublicKey],
) -> list[Read]:
    """Verify every signature in a batch; nothing here raises for what a till sent."""
    found = []
    for place, value in enumerate(entries):
        name = claim_id_of(value)
        try:
            line = parse(value)
        except Malformed:
            found.append(Read(place, name, refusal="format"))
            continue
        if (line.till, line.shop) != (till_id, shop_id):
            found.append(Read(place, name, refusal="wrong_till"))
        elif not is_signed(line, till_key):
            found.append(Read(place, name, refusal="signature"))
        else:
            found.append(_code(Read(place, name, line), issuer_keys, withdrawn_keys))
    return found


def _code(
    entry: Read,
    issuer_keys: Mapping[int, tokens.PublicKey],
    withdrawn_keys: Mapping[int, tokens.PublicKey],
) -> Read:
    """Verify the code of a use that a till says it took."""
    line = entry.line
    if line is None or line.act != "redeem":
        return entry
    if len(line.text) <= LONGEST_TYPED:
        try:
            return entry._replace(typed=tokens.normal_code(line.text))
        except ValueError:
            return entry._replace(refusal="format")
    try:
        shown = passes.read(line.text, keys=issuer_keys)
    except TokenRefused as refused:
        if refused.reason == "unknown_key":
            return _withdrawn(entry, line, withdrawn_keys)
        return entry._replace(refusal=refused.reason)
    return entry._replace(shown=shown, refusal=_shown_refusal(shown, line))


def _withdrawn(entry: Read, line: Line, keys: Mapping[int, tokens.PublicKey]) -> Read:
    """Verify a code of a key that was withdrawn: a till may have taken it before it heard.

    Whoever has that key signs what they like, so beside it the phone's own proof must hold; the rest is weighed
    against what the site did issue.
    """
    try:
        shown = passes.read(line.text, keys=keys)
    except TokenRefused:
        return entry._replace(refusal="unknown_key")
    if shown.kind != "live" or _shown_refusal(shown, line):
        return entry._replace(shown=shown, refusal="unknown_key", is_withdrawn=True)
    return entry._replace(shown=shown, is_withdrawn=True)


def _shown_refusal(shown: Shown, line: Line) -> str:
    if shown.token.scope_id != line.shop:
        return "wrong_shop"
    if shown.kind == "bound":
        return "copy"
    if shown.kind == "live" and not passes.proof_holds(shown):
        return "signature"
    if shown.token.online_only and line.mode != "online":
        return "online_required"
    return ""
