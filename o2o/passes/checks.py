"""I16: what every open pass shows at a till would be believed there."""

from collections.abc import Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.holders.models import DeviceKey
from o2o.issuer import queries as issuer
from o2o.kernel import tokens
from o2o.kernel.checks import invariant
from o2o.passes.models import Pass
from o2o.passes.resigning import OPEN_STATES
from o2o.passes.token import DOMAIN, Token, TokenRefused, minutes

ROWS_AT_ONCE = 500


@invariant(
    "I16", "every open pass is signed by a key that was not withdrawn, and its token says what its row says"
)
def passes_are_signed(session: Session) -> Iterator[str]:
    """Verify the signature of every open pass, and compare its token with its row."""
    keys = issuer.verifying_keys(session)
    rows = select(Pass, DeviceKey.x).outerjoin(DeviceKey, DeviceKey.id == Pass.device_id)
    rows = rows.where(Pass.state.in_(OPEN_STATES)).order_by(Pass.id)
    for pass_, device in session.execute(rows.execution_options(yield_per=ROWS_AT_ONCE)):
        wrong = _wrong(pass_, device, keys)
        if wrong:
            yield f"pass {pass_.id}: {wrong}"


def _wrong(pass_: Pass, device: str | None, keys: Mapping[int, tokens.PublicKey]) -> str:
    """Say what is wrong with a pass's token; empty when nothing is."""
    key = keys.get(pass_.kid)
    if key is None:
        return f"its key {pass_.kid} is withdrawn or unknown"
    body, signature = pass_.token[: -tokens.SIGNATURE_BYTES], pass_.token[-tokens.SIGNATURE_BYTES :]
    if not tokens.holds(key, DOMAIN, body, signature):
        return f"key {pass_.kid} did not sign its token"
    try:
        said = _said(Token.unpack(body))
    except TokenRefused:
        return "its token cannot be read"
    has = _has(pass_, device)
    return "; ".join(
        f"{name} is {has[name]}, the token says {said[name]}" for name in has if has[name] != said[name]
    )


def _has(pass_: Pass, device: str | None) -> dict[str, object]:
    return {
        "id": pass_.id,
        "kid": pass_.kid,
        "gen": pass_.gen,
        "terms": pass_.terms_id,
        "shop": pass_.shop_id,
        "uses": pass_.uses,
        "value": pass_.paid,
        "begins": minutes(pass_.not_before),
        "expires": minutes(pass_.expires, up=True),
        "device": device,
    }


def _said(token: Token) -> dict[str, object]:
    return {
        "id": token.pass_id,
        "kid": token.kid,
        "gen": token.gen,
        "terms": token.terms_id,
        "shop": token.scope_id,
        "uses": token.uses,
        "value": token.value,
        "begins": token.not_before,
        "expires": token.expires,
        "device": None if token.device is None else token.device.hex(),
    }
