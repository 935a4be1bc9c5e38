"""Prove that the holder's phone shows a pass now: its signature over the token and half a minute."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from o2o.kernel import tokens
from o2o.passes.token import STEP_BYTES, Reason, Shown, TokenRefused, read

DOMAIN: Final = b"o2o.proof.v1\0"
STEP_SECONDS: Final = 30
# Drift is the proof's step minus the till's own, in steps. A phone may run behind, and a queue takes its time.
GREEN: Final = (-3, 1)
AMBER: Final = 20

Freshness = Literal["ok", "amber", "stale_code", "clock"]
Verdict = Literal["ok", "copy", "proof"] | Reason

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def step_of(moment: datetime) -> int:
    """Return the number of whole half minutes since the epoch of an aware instant."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return (moment - _EPOCH) // timedelta(seconds=STEP_SECONDS)


def proof_body(token_bytes: bytes, step: int) -> bytes:
    """Return what the phone signs under DOMAIN: SHA-256 of the 128-byte token, then the step (u32)."""
    return hashlib.sha256(token_bytes).digest() + step.to_bytes(STEP_BYTES, "big")


def live_text(token_bytes: bytes, step: int, signature: bytes) -> str:
    """Return the 475 digits of a live code. Raises ValueError for another size, OverflowError for no u32."""
    return tokens.digits(tokens.LIVE, token_bytes + step.to_bytes(STEP_BYTES, "big") + signature)


def proof_holds(shown: Shown) -> bool:
    """Tell whether the phone that the token names signed its step; False without a proof or without a point.

    Says nothing about the time: see `freshness`.
    """
    if shown.step is None or shown.token.device is None:
        return False
    key = tokens.point(shown.token.device, shown.token.parity)
    if key is None:
        return False
    return tokens.holds(key, DOMAIN, proof_body(shown.token_bytes, shown.step), shown.proof)


def freshness(drift: int, proven: bool) -> Freshness:
    """Judge a proof's age in steps; `proven` when the server confirmed both clocks within the last 24 hours."""
    if GREEN[0] <= drift <= GREEN[1]:
        return "ok"
    if proven:
        return "stale_code"
    return "amber" if abs(drift) <= AMBER else "clock"


def code_verdict(text: str, *, keys: Mapping[int, tokens.PublicKey]) -> Verdict:
    """Judge the digits alone: `copy` is a bound token without a proof, `proof` one that does not hold.

    A till asks more between the issuer's signature and the proof; static/js/pass-code.js answers the same.
    """
    try:
        shown = read(text, keys=keys)
    except TokenRefused as refused:
        return refused.reason
    if shown.kind == "bearer":
        return "ok"
    if shown.kind == "bound":
        return "copy"
    return "ok" if proof_holds(shown) else "proof"
