"""A phone's authenticator in software: one P-256 passkey, and every way in which an answer can be wrong."""

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Authenticator:
    """Hold one key pair and answer ceremonies; keyword arguments spoil the answer."""

    def __init__(self, origin: str = "http://localhost", rp_id: str = "localhost") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.handle = b""
        self.count = 0
        self.origin = origin
        self.rp_id = rp_id
        self.flags = UP | UV | BE | BS

    def client_data(self, kind: str, challenge: str, /, **spoil: Any) -> bytes:
        data = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False} | spoil
        return json.dumps(data).encode()

    def auth_data(self, flags: int, tail: bytes = b"") -> bytes:
        rp_hash = hashlib.sha256(self.rp_id.encode()).digest()
        return rp_hash + bytes([flags]) + self.count.to_bytes(4, "big") + tail

    def cose(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def create(self, options: dict[str, Any], *, flags: int | None = None, **spoil: Any) -> dict[str, Any]:
        """Answer navigator.credentials.create()."""
        self.handle = unb64(options["user"]["id"])
        tail = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + self.cose()
        data = self.auth_data((self.flags if flags is None else flags) | AT, tail)
        response = {
            "clientDataJSON": b64(self.client_data("webauthn.create", options["challenge"], **spoil)),
            "attestationObject": b64(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["internal", "hybrid", "<script>"],
        }
        return {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response}

    def get(
        self, options: dict[str, Any], *, flags: int | None = None, handle: bytes | None = None, **spoil: Any
    ) -> dict[str, Any]:
        """Answer navigator.credentials.get()."""
        data = self.auth_data(self.flags if flags is None else flags)
        client = self.client_data("webauthn.get", options["challenge"], **spoil)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": b64(client),
            "authenticatorData": b64(data),
            "signature": b64(signature),
            "userHandle": b64(self.handle if handle is None else handle),
        }
        return {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response}
