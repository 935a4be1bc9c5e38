"""The pass token: what every reader must accept and refuse, and that it fits a small QR code."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import segno
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from o2o.kernel import tokens
from o2o.passes.token import TOKEN_BYTES, Token, TokenRefused, minutes, qr_text, sign_token, verify

FOLDER = Path(__file__).parents[1] / "vectors"
VECTORS = json.loads((FOLDER / "pass.json").read_text("ascii"))
KEY = ec.derive_private_key(20261122, ec.SECP256R1())
KEYS = {1: KEY.public_key()}

u8 = st.integers(0, 2**8 - 1)
u32 = st.integers(0, 2**32 - 1)


@st.composite
def tokens_of_all_sorts(draw):
    begin, end = sorted(draw(st.lists(u32, min_size=2, max_size=2, unique=True)))
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


def vector_keys():
    keys = {}
    for kid, point in VECTORS["keys"].items():
        numbers = ec.EllipticCurvePublicNumbers(int(point["x"], 16), int(point["y"], 16), ec.SECP256R1())
        keys[int(kid)] = numbers.public_key()
    return keys


VECTOR_KEYS = vector_keys()


def verdict(text):
    try:
        verify(text, keys=VECTOR_KEYS)
    except TokenRefused as refused:
        return refused.reason
    return "good"


def text_of(name):
    return next(code["text"] for code in VECTORS["good"] if code["name"] == name)


@pytest.mark.parametrize("code", VECTORS["good"], ids=lambda code: code["name"])
def test_good_vectors_are_read_and_written_the_same(code):
    token = verify(code["text"], keys=VECTOR_KEYS)
    told = dict(code["token"])
    flags = told.pop("flags")
    assert {name: getattr(token, name) for name in told} == told
    assert token.kind == flags >> 4
    assert token.online_only == bool(flags & 4)
    assert token.ask_for_id == bool(flags & 8)
    assert qr_text(token.pack() + tokens.from_digits(code["text"])[1][-64:]) == code["text"]


@pytest.mark.parametrize("code", VECTORS["bad"], ids=lambda code: code["name"])
def test_bad_vectors_are_refused_for_the_right_reason(code):
    assert verdict(code["text"]) == code["verdict"]


def test_every_bit_flip_is_refused_for_the_right_reason():
    number = int(text_of(VECTORS["flips"]["of"]))
    told = {}
    for run in VECTORS["flips"]["runs"]:
        told |= dict.fromkeys(range(run["first"], run["last"] + 1), run["verdict"])
    assert sorted(told) == list(range(8 * (1 + TOKEN_BYTES)))
    assert "good" not in told.values()
    assert {bit: verdict(str(number ^ 1 << bit)) for bit in told} == told


def test_every_truncation_is_refused():
    text = text_of(VECTORS["truncations"]["of"])
    assert {verdict(text[:length]) for length in range(len(text))} == {"format"}
    raw = tokens.from_digits(text)[1]
    for length in range(len(raw)):
        assert verdict(str(int.from_bytes(b"\xa1" + raw[:length], "big"))) == "format"


def test_the_vector_file_is_what_its_maker_makes():
    program = "import make, sys; sys.stdout.write(make.as_text())"
    made = subprocess.run([sys.executable, "-c", program], cwd=FOLDER, capture_output=True, check=True)
    assert made.stdout.decode("ascii") == (FOLDER / "pass.json").read_text("ascii")


@given(tokens_of_all_sorts())
def test_a_token_comes_back_from_its_body(token):
    assert len(token.pack()) == 32
    assert Token.unpack(token.pack()) == token


@given(tokens_of_all_sorts())
def test_a_signed_token_comes_back_from_its_digits(token):
    text = qr_text(sign_token(token, KEY))
    assert verify(text, keys={token.kid: KEY.public_key()}) == token


@given(st.binary(min_size=32, max_size=32))
def test_a_body_is_read_in_one_way_or_not_at_all(body):
    try:
        token = Token.unpack(body)
    except TokenRefused:
        return
    assert token.pack() == body


@pytest.mark.parametrize("size", [0, 31, 33, 64, 96])
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
    ],
    ids=str,
)
def test_a_field_that_does_not_fit_is_never_signed(changes):
    with pytest.raises(ValueError, match=r"pass|field"):
        plain(**changes)


def test_the_code_of_a_bearer_token_is_small():
    signed = sign_token(plain(), KEY)
    assert len(signed) == TOKEN_BYTES == 96
    text = qr_text(signed)
    assert len(text) == 234
    code = segno.make(text, mode="numeric", error="m", boost_error=False, micro=False)
    assert code.designator == "6-M"


def test_qr_text_refuses_another_size():
    with pytest.raises(ValueError, match="bytes"):
        qr_text(bytes(95))


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
