"""Pack, sign and verify the pass token: the fixed struct behind the QR code that a buyer shows."""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from o2o.kernel import tokens

DOMAIN: Final = b"o2o.voucher.v1\0"
BODY: Final = struct.Struct(">BB8sIIIIBBI")
TOKEN_BYTES: Final = BODY.size + tokens.SIGNATURE_BYTES

ONLINE_ONLY: Final = 0b0000_0100
ASK_FOR_ID: Final = 0b0000_1000
KIND_SHIFT: Final = 4
KIND_MASK: Final = 0b111
# b0 and b1 speak of a device key, which a bearer token has not; b7 has no meaning yet.
NOT_BEARER: Final = 0b1000_0011
GROUP_BIT: Final = 1 << 31

Reason = Literal["format", "unknown_key", "signature"]

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
    when its top bit is set.
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

    def __post_init__(self) -> None:
        if not _PASS_ID.fullmatch(self.pass_id):
            raise ValueError("a pass id has 16 lower-case hex digits")
        if not 0 <= self.kind <= KIND_MASK:
            raise ValueError("the kind of a pass has 3 bits")
        if self.uses < 1:
            raise ValueError("a pass has at least one use")
        if self.not_before >= self.expires:
            raise ValueError("a pass ends after it begins")
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
        """Return the 32-byte body that is signed."""
        flags = self.kind << KIND_SHIFT
        if self.online_only:
            flags |= ONLINE_ONLY
        if self.ask_for_id:
            flags |= ASK_FOR_ID
        return BODY.pack(
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

    @classmethod
    def unpack(cls, body: bytes) -> "Token":
        """Read a bearer token's 32-byte body.

        Raises TokenRefused with `format`, also for flags that a bearer token cannot have.
        """
        if len(body) != BODY.size:
            raise TokenRefused("format")
        kid, flags, pass_id, terms_id, scope_id, not_before, expires, uses, gen, value = BODY.unpack(body)
        if flags & NOT_BEARER:
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
            )
        except ValueError as error:
            raise TokenRefused("format") from error


def minutes(moment: datetime, *, up: bool = False) -> int:
    """Return whole minutes since the epoch of an aware instant, rounded down (up: for a window's end)."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    whole, rest = divmod(moment - _EPOCH, timedelta(minutes=1))
    return whole + 1 if up and rest else whole


def sign_token(token: Token, key: tokens.PrivateKey) -> bytes:
    """Return the 96-byte bearer token: the body, then the issuer's signature by the key that `kid` names."""
    body = token.pack()
    return body + tokens.sign(key, DOMAIN, body)


def qr_text(token_bytes: bytes) -> str:
    """Return the 234 digits a bearer token's QR code holds. Raises ValueError for bytes of another size."""
    return tokens.digits(tokens.BEARER, token_bytes)


def verify(text: str, *, keys: Mapping[int, tokens.PublicKey]) -> Token:
    """Return the token that scanned digits carry, once the issuer's signature holds.

    `keys` maps key numbers to public keys. Raises TokenRefused with `format`, `unknown_key` or `signature`,
    tried in this order. Look passes up by the id in the returned token, never by `text`.
    """
    try:
        kind, raw = tokens.from_digits(text)
    except ValueError as error:
        raise TokenRefused("format") from error
    if kind != tokens.BEARER:
        # Tokens bound to a device are not issued yet: nobody honest shows one.
        raise TokenRefused("format")
    body, signature = raw[: BODY.size], raw[BODY.size :]
    token = Token.unpack(body)
    key = keys.get(token.kid)
    if key is None:
        raise TokenRefused("unknown_key")
    if not tokens.holds(key, DOMAIN, body, signature):
        raise TokenRefused("signature")
    return token


def _instant(minute: int) -> datetime:
    return _EPOCH + timedelta(minutes=min(minute, _LAST_MINUTE))
