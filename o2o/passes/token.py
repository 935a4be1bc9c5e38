"""Pack, sign and read the pass token: the fixed struct behind the QR code that a buyer shows."""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, NamedTuple

from o2o.kernel import tokens

DOMAIN: Final = b"o2o.voucher.v1\0"
BODY: Final = struct.Struct(">BB8sIIIIBBI")
DEVICE_BYTES: Final = 32
TOKEN_BYTES: Final = BODY.size + tokens.SIGNATURE_BYTES
BOUND_BYTES: Final = TOKEN_BYTES + DEVICE_BYTES
STEP_BYTES: Final = 4

PARITY: Final = 0b0000_0001
HAS_DEVICE: Final = 0b0000_0010
ONLINE_ONLY: Final = 0b0000_0100
ASK_FOR_ID: Final = 0b0000_1000
KIND_SHIFT: Final = 4
KIND_MASK: Final = 0b111
# b7 has no meaning yet.
UNKNOWN: Final = 0b1000_0000
GROUP_BIT: Final = 1 << 31

Reason = Literal["format", "unknown_key", "signature"]
Kind = Literal["bearer", "bound", "live"]

_KINDS: Final[dict[int, Kind]] = {tokens.BEARER: "bearer", tokens.BOUND: "bound", tokens.LIVE: "live"}
_TYPES: Final = {TOKEN_BYTES: tokens.BEARER, BOUND_BYTES: tokens.BOUND}
_PASS_ID: Final = re.compile(r"[0-9a-f]{16}")
# The field reaches the year 10136, datetime only the end of 9999.
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MINUTE: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(minutes=1)


class TokenRefused(Exception):
    """Say why a scanned code is no token of ours; `reason` is one of the till's stable reason codes."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """Hold what the issuer signs about one pass.

    `pass_id` is 16 lower-case hex digits (64 random bits); `not_before` and `expires` are minutes since the
    epoch, UTC; `value` is in minor units of the shop's currency; `scope_id` is a shop, or a group of shops
    when its top bit is set. `device` is the 32-byte x of the holder's phone key and `parity` that of its y; a
    bearer token has neither. Whether that point is on the curve shows when a proof is checked, not here.
    Raises ValueError for a field that does not fit, no uses at all, or a window that is empty.
    """

    kid: int
    pass_id: str
    terms_id: int
    scope_id: int
    not_before: int
    expires: int
    uses: int = 1
    gen: int = 0
    value: int = 0
    kind: int = 0
    online_only: bool = False
    ask_for_id: bool = False
    device: bytes | None = None
    parity: int = 0

    def __post_init__(self) -> None:
        if not _PASS_ID.fullmatch(self.pass_id):
            raise ValueError("a pass id has 16 lower-case hex digits")
        if not 0 <= self.kind <= KIND_MASK:
            raise ValueError("the kind of a pass has 3 bits")
        if self.uses < 1:
            raise ValueError("a pass has at least one use")
        if self.not_before >= self.expires:
            raise ValueError("a pass ends after it begins")
        if self.device is None and self.parity:
            raise ValueError("without a device key a pass has no parity")
        if self.device is not None and (len(self.device) != DEVICE_BYTES or self.parity not in (0, 1)):
            raise ValueError("the device key of a pass has 32 bytes and one bit")
        try:
            self.pack()
        except struct.error as error:
            raise ValueError(f"a field does not fit the token: {error}") from error

    @property
    def scope_is_group(self) -> bool:
        """Tell whether the scope is a group of shops and not a single one."""
        return bool(self.scope_id & GROUP_BIT)

    @property
    def starts_at(self) -> datetime:
        """Return the first instant of the window, UTC."""
        return _instant(self.not_before)

    @property
    def ends_at(self) -> datetime:
        """Return the instant at which the window is over, UTC."""
        return _instant(self.expires)

    def pack(self) -> bytes:
        """Return the body that is signed: 32 bytes, with a device key 64."""
        flags = self.kind << KIND_SHIFT
        if self.device is not None:
            flags |= HAS_DEVICE | self.parity
        if self.online_only:
            flags |= ONLINE_ONLY
        if self.ask_for_id:
            flags |= ASK_FOR_ID
        body = BODY.pack(
            self.kid,
            flags,
            bytes.fromhex(self.pass_id),
            self.terms_id,
            self.scope_id,
            self.not_before,
            self.expires,
            self.uses,
            self.gen,
            self.value,
        )
        return body if self.device is None else body + self.device

    @classmethod
    def unpack(cls, body: bytes) -> "Token":
        """Read a token's body of 32 bytes, with a device key 64.

        Raises TokenRefused with `format`, also for flags that do not go with the size or have no meaning.
        """
        if len(body) not in (BODY.size, BODY.size + DEVICE_BYTES):
            raise TokenRefused("format")
        fields = BODY.unpack_from(body)
        kid, flags, pass_id, terms_id, scope_id, not_before, expires, uses, gen, value = fields
        device = body[BODY.size :] or None
        if flags & UNKNOWN or bool(flags & HAS_DEVICE) != (device is not None):
            raise TokenRefused("format")
        try:
            return cls(
                kid=kid,
                pass_id=pass_id.hex(),
                terms_id=terms_id,
                scope_id=scope_id,
                not_before=not_before,
                expires=expires,
                uses=uses,
                gen=gen,
                value=value,
                kind=flags >> KIND_SHIFT & KIND_MASK,
                online_only=bool(flags & ONLINE_ONLY),
                ask_for_id=bool(flags & ASK_FOR_ID),
                device=device,
                parity=flags & PARITY,
            )
        except ValueError as error:
            raise TokenRefused("format") from error


class Shown(NamedTuple):
    """What a code shows: a token the issuer signed and, when live, the phone's step and unchecked signature."""

    kind: Kind
    token: Token
    token_bytes: bytes
    step: int | None
    proof: bytes


def minutes(moment: datetime, *, up: bool = False) -> int:
    """Return whole minutes since the epoch of an aware instant, rounded down (up: for a window's end)."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    whole, rest = divmod(moment - _EPOCH, timedelta(minutes=1))
    return whole + 1 if up and rest else whole


def sign_token(token: Token, key: tokens.PrivateKey) -> bytes:
    """Return the token of 96 or 128 bytes: the body, then the issuer's signature by the key that `kid` names."""
    body = token.pack()
    return body + tokens.sign(key, DOMAIN, body)


def qr_text(token_bytes: bytes) -> str:
    """Return the digits of a token without a proof: 234 for a bearer's, 311 for one bound to a phone.

    Raises ValueError for bytes of another size.
    """
    kind = _TYPES.get(len(token_bytes))
    if kind is None:
        raise ValueError(f"no token has {len(token_bytes)} bytes")
    return tokens.digits(kind, token_bytes)


def read(text: str, *, keys: Mapping[int, tokens.PublicKey]) -> Shown:
    """Return what scanned digits carry, once the issuer's signature holds; a proof is not yet checked.

    `keys` maps key numbers to public keys. Raises TokenRefused with `format`, `unknown_key` or `signature`,
    tried in this order. Look passes up by the id in the token, never by `text`.
    """
    try:
        number, raw = tokens.from_digits(text)
    except ValueError as error:
        raise TokenRefused("format") from error
    kind = _KINDS[number]
    token_bytes = raw[: TOKEN_BYTES if kind == "bearer" else BOUND_BYTES]
    body = token_bytes[: -tokens.SIGNATURE_BYTES]
    token = Token.unpack(body)
    key = keys.get(token.kid)
    if key is None:
        raise TokenRefused("unknown_key")
    if not tokens.holds(key, DOMAIN, body, token_bytes[-tokens.SIGNATURE_BYTES :]):
        raise TokenRefused("signature")
    if kind != "live":
        return Shown(kind, token, token_bytes, None, b"")
    step = int.from_bytes(raw[BOUND_BYTES : BOUND_BYTES + STEP_BYTES], "big")
    return Shown(kind, token, token_bytes, step, raw[BOUND_BYTES + STEP_BYTES :])


def verify(text: str, *, keys: Mapping[int, tokens.PublicKey]) -> Token:
    """Return the token that scanned digits carry, as `read` does: nothing is said about a proof."""
    return read(text, keys=keys).token


def _instant(minute: int) -> datetime:
    return _EPOCH + timedelta(minutes=min(minute, _LAST_MINUTE))
