"""The pass token: what every reader must accept and refuse, and that it fits a small QR code."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
import segno
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from o2o.passes.token import (
    BOUND_BYTES,
    TOKEN_BYTES,
    Token,
    TokenRefused,
    minutes,
    qr_text,
    read,
    sign_token,
    verify,
)
from tests.passes.phone import HolderPhone

KEY = ec.derive_private_key(20261122, ec.SECP256R1())
KEYS = {1: KEY.public_key()}
PHONE = HolderPhone(1)

u8 = st.integers(0, 2**8 - 1)
u32 = st.integers(0, 2**32 - 1)


@st.composite
def tokens_of_all_sorts(draw):
    begin, end = sorted(draw(st.lists(u32, min_size=2, max_size=2, unique=True)))
    device = draw(st.none() | st.binary(min_size=32, max_size=32))
    return Token(
        kid=draw(u8),
        pass_id=draw(st.binary(min_size=8, max_size=8)).hex(),
        terms_id=draw(u32),
        scope_id=draw(u32),
        not_before=begin,
        expires=end,
        uses=draw(st.integers(1, 255)),
        gen=draw(u8),
        value=draw(u32),
        kind=draw(st.integers(0, 7)),
        online_only=draw(st.booleans()),
        ask_for_id=draw(st.booleans()),
        device=device,
        parity=0 if device is None else draw(st.integers(0, 1)),
    )


def plain(**changes):
    fields = {
        "kid": 1,
        "pass_id": "0123456789abcdef",
        "terms_id": 7,
        "scope_id": 42,
        "not_before": 29_500_000,
        "expires": 29_630_000,
        "value": 1250,
    }
    return Token(**(fields | changes))


@given(tokens_of_all_sorts())
def test_a_token_comes_back_from_its_body(token):
    assert len(token.pack()) == (32 if token.device is None else 64)
    assert Token.unpack(token.pack()) == token


@given(tokens_of_all_sorts())
def test_a_signed_token_comes_back_from_its_digits(token):
    text = qr_text(sign_token(token, KEY))
    assert verify(text, keys={token.kid: KEY.public_key()}) == token


@given(st.sampled_from([32, 64]).flatmap(lambda size: st.binary(min_size=size, max_size=size)))
def test_a_body_is_read_in_one_way_or_not_at_all(body):
    try:
        token = Token.unpack(body)
    except TokenRefused:
        return
    assert token.pack() == body


@pytest.mark.parametrize("size", [0, 31, 33, 63, 65, 96])
def test_a_body_of_another_size_is_refused(size):
    with pytest.raises(TokenRefused, match="format"):
        Token.unpack(bytes(size))


@pytest.mark.parametrize(
    "changes",
    [
        {"kid": 256},
        {"kid": -1},
        {"pass_id": "0123456789ABCDEF"},
        {"pass_id": "0123456789abcde"},
        {"pass_id": "0123456789abcdef\n"},
        {"terms_id": 2**32},
        {"scope_id": -1},
        {"not_before": -1},
        {"expires": 2**32},
        {"expires": 29_500_000},
        {"uses": 0},
        {"uses": 256},
        {"gen": 256},
        {"value": -1},
        {"value": 2**32},
        {"kind": 8},
        {"kind": -1},
        {"parity": 1},
        {"device": bytes(31)},
        {"device": bytes(33)},
        {"device": bytes(32), "parity": 2},
        {"device": bytes(32), "parity": -1},
    ],
    ids=str,
)
def test_a_field_that_does_not_fit_is_never_signed(changes):
    with pytest.raises(ValueError, match=r"pass|field|device"):
        plain(**changes)


def test_the_code_of_a_bearer_token_is_small():
    signed = sign_token(plain(), KEY)
    assert len(signed) == TOKEN_BYTES == 96
    text = qr_text(signed)
    assert len(text) == 234
    code = segno.make(text, mode="numeric", error="m", boost_error=False, micro=False)
    assert code.designator == "6-M"


def test_the_codes_of_a_bound_token_are_small():
    signed = sign_token(plain(device=PHONE.x, parity=PHONE.parity), KEY)
    assert len(signed) == BOUND_BYTES == 128
    bound, live = qr_text(signed), PHONE.live(signed, 59_130_000)
    assert (len(bound), len(live)) == (311, 475)
    sizes = [
        segno.make(text, mode="numeric", error="m", boost_error=False, micro=False) for text in (bound, live)
    ]
    assert [code.designator for code in sizes] == ["8-M", "10-M"]


@pytest.mark.parametrize("size", [0, 95, 97, 127, 129, 196])
def test_qr_text_refuses_another_size(size):
    with pytest.raises(ValueError, match="bytes"):
        qr_text(bytes(size))


def test_a_reader_says_what_was_shown():
    token = plain(device=PHONE.x, parity=PHONE.parity)
    signed = sign_token(token, KEY)
    assert read(qr_text(sign_token(plain(), KEY)), keys=KEYS)[:2] == ("bearer", plain())
    assert read(qr_text(signed), keys=KEYS) == ("bound", token, signed, None, b"")
    shown = read(PHONE.live(signed, 7), keys=KEYS)
    assert shown[:4] == ("live", token, signed, 7)
    assert len(shown.proof) == 64
    assert verify(PHONE.live(signed, 7), keys=KEYS) == token


def test_a_proof_of_nobody_leaves_the_issuers_word():
    signed = sign_token(plain(device=bytes(31) + b"\1"), KEY)
    assert read(PHONE.live(signed, 7), keys=KEYS).kind == "live"


def test_without_keys_every_code_is_of_an_unknown_key():
    with pytest.raises(TokenRefused, match="unknown_key"):
        verify(qr_text(sign_token(plain(), KEY)), keys={})


def test_a_token_signed_by_another_key_of_the_same_number_is_refused():
    other = {1: ec.derive_private_key(9, ec.SECP256R1()).public_key()}
    with pytest.raises(TokenRefused, match="signature"):
        verify(qr_text(sign_token(plain(), KEY)), keys=other)


def test_the_window_in_instants():
    token = plain(not_before=0, expires=60 * 24)
    assert token.starts_at == datetime(1970, 1, 1, tzinfo=UTC)
    assert token.ends_at == datetime(1970, 1, 2, tzinfo=UTC)
    assert plain(expires=2**32 - 1).ends_at.year == 9999


def test_a_scope_is_a_shop_or_a_group():
    assert not plain(scope_id=2**31 - 1).scope_is_group
    assert plain(scope_id=2**31 + 5).scope_is_group


def test_minutes_round_the_window_outwards():
    moment = datetime(2026, 11, 22, 9, 30, 1, tzinfo=timezone(timedelta(hours=8)))
    assert minutes(moment, up=True) == minutes(moment) + 1
    exact = moment.replace(second=0)
    assert minutes(exact) == minutes(exact, up=True) == minutes(moment)
    assert plain(not_before=minutes(exact), expires=2**31).starts_at == exact
    with pytest.raises(ValueError, match="zone"):
        minutes(moment.replace(tzinfo=None))
