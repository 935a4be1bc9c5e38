"""Measure how fast pass codes verify, beside the bare signature check in the same run.

Run `python bench/pass_token.py` from the project's root. The ratio counts, not the times: machines differ.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

sys.path.insert(0, str(Path(__file__).parents[1]))

from o2o.passes.token import DOMAIN, Token, qr_text, sign_token, verify

FLOOR = 0.75
ROUNDS = 7
SECONDS = 0.25


def rate(work: Callable[[], object]) -> float:
    """Return calls per second of one short round."""
    calls = 0
    begin = time.perf_counter()
    while time.perf_counter() - begin < SECONDS:
        for _ in range(20):
            work()
        calls += 20
    return calls / (time.perf_counter() - begin)


def main() -> int:
    """Print both rates and their ratio; return 1 when the ratio is under the floor."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    token = Token(
        kid=1, pass_id="0123456789abcdef", terms_id=7, scope_id=42, not_before=0, expires=2**31, value=1250
    )
    signed = sign_token(token, key)
    text = qr_text(signed)
    message = DOMAIN + signed[:32]
    raw = signed[32:]
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    algorithm = ec.ECDSA(SHA256())
    keys = {1: public}

    # Rounds take turns and the best of each counts, so that a noisy neighbour hits both alike.
    bare = ours = 0.0
    for _ in range(ROUNDS):
        bare = max(bare, rate(lambda: public.verify(der, message, algorithm)))
        ours = max(ours, rate(lambda: verify(text, keys=keys)))
    ratio = ours / bare
    print(f"bare signature check {bare:9,.0f} /s")
    print(f"whole pass code      {ours:9,.0f} /s   ratio {ratio:.2f} (at least {FLOOR:.2f})")
    return 0 if ratio >= FLOOR else 1


if __name__ == "__main__":
    sys.exit(main())
