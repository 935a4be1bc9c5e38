"""A holder's phone, as far as the server can tell: a key, and proofs made with it."""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec

from o2o.kernel import tokens
from o2o.passes.proof import DOMAIN, live_text, proof_body, step_of


class HolderPhone:
    """Hold a device key derived from a number; `x` and `parity` bind a token to it."""

    def __init__(self, number: int) -> None:
        self.key = ec.derive_private_key(1_000_000 + number, ec.SECP256R1())
        point = self.key.public_key().public_numbers()
        self.x = point.x.to_bytes(32, "big")
        self.y = point.y.to_bytes(32, "big")
        self.parity = point.y & 1

    def live(self, token_bytes: bytes, step: int | datetime) -> str:
        """Return the digits that the phone shows in this step, or at this instant."""
        number = step_of(step) if isinstance(step, datetime) else step
        proof = tokens.sign(self.key, DOMAIN, proof_body(token_bytes, number))
        return live_text(token_bytes, number, proof)
