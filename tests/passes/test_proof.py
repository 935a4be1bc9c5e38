"""The phone's proof: whose it is, for which token, for which half minute; what is fresh."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from o2o.kernel import tokens
from o2o.passes.proof import AMBER, GREEN, code_verdict, freshness, live_text, proof_holds, step_of
from o2o.passes.token import Token, qr_text, read, sign_token
from tests.passes.phone import HolderPhone

KEY = ec.derive_private_key(20261122, ec.SECP256R1())
KEYS = {1: KEY.public_key()}
PHONE, OTHER = HolderPhone(1), HolderPhone(2)
STEP = 59_130_000
P = 2**256 - 2**224 + 2**192 + 2**96 - 1


def bound(*, x=PHONE.x, parity=PHONE.parity, gen=0):
    token = Token(
        kid=1,
        pass_id="0123456789abcdef",
        terms_id=7,
        scope_id=42,
        not_before=29_500_000,
        expires=29_630_000,
        gen=gen,
        device=x,
        parity=parity,
    )
    return sign_token(token, KEY)


SIGNED = bound()


def holds(text):
    return proof_holds(read(text, keys=KEYS))


@given(st.integers(0, 2**32 - 1), st.integers(1, 20))
def test_a_phone_proves_its_own_token_in_any_step(step, number):
    phone = HolderPhone(number)
    text = phone.live(bound(x=phone.x, parity=phone.parity), step)
    assert holds(text)
    assert code_verdict(text, keys=KEYS) == "ok"


def test_another_phone_proves_nothing():
    assert not holds(OTHER.live(SIGNED, STEP))


def test_a_proof_holds_for_one_token_and_one_step():
    shown = read(PHONE.live(SIGNED, STEP), keys=KEYS)
    assert proof_holds(shown)
    assert not holds(live_text(bound(gen=1), STEP, shown.proof))
    assert not holds(live_text(SIGNED, STEP + 1, shown.proof))


def test_the_high_s_twin_of_a_proof_is_refused():
    shown = read(PHONE.live(SIGNED, STEP), keys=KEYS)
    s = int.from_bytes(shown.proof[32:], "big")
    twin = shown.proof[:32] + (tokens.ORDER - s).to_bytes(32, "big")
    assert code_verdict(live_text(SIGNED, STEP, twin), keys=KEYS) == "proof"


def test_the_other_point_with_the_same_x_is_another_phone():
    swapped = bound(parity=1 - PHONE.parity)
    assert code_verdict(PHONE.live(swapped, STEP), keys=KEYS) == "proof"


@pytest.mark.parametrize("x", [1, P, P + 5, 2**256 - 1])
def test_a_point_off_the_curve_is_read_and_proves_nothing(x):
    nowhere = bound(x=x.to_bytes(32, "big"), parity=1)
    assert read(qr_text(nowhere), keys=KEYS).kind == "bound"
    assert not holds(PHONE.live(nowhere, STEP))


@given(st.binary(min_size=32, max_size=32), st.integers(0, 1), st.binary(min_size=64, max_size=64))
def test_no_device_key_and_no_proof_raise(x, parity, proof):
    assert not holds(live_text(bound(x=x, parity=parity), STEP, proof))


def test_without_a_proof_a_code_is_a_copy():
    assert code_verdict(qr_text(SIGNED), keys=KEYS) == "copy"
    assert not holds(qr_text(SIGNED))


def test_a_bearer_code_has_no_proof_and_needs_none():
    token = Token(kid=1, pass_id="0" * 16, terms_id=7, scope_id=42, not_before=0, expires=1)
    text = qr_text(sign_token(token, KEY))
    assert code_verdict(text, keys=KEYS) == "ok"
    assert not holds(text)


@pytest.mark.parametrize(("size", "proof"), [(127, 64), (96, 64), (128, 63), (128, 65), (128, 0)])
def test_a_live_code_of_another_size_is_never_written(size, proof):
    with pytest.raises(ValueError, match="bytes"):
        live_text(bytes(size), STEP, bytes(proof))


@pytest.mark.parametrize("step", [-1, 2**32])
def test_a_step_has_32_bits(step):
    with pytest.raises(OverflowError):
        live_text(SIGNED, step, bytes(64))


def test_a_code_photographed_two_minutes_ago_is_stale_at_a_proven_till():
    shown_at = datetime(2026, 11, 22, 12, 0, 5, tzinfo=UTC)
    now = shown_at + timedelta(minutes=2)
    step = read(PHONE.live(SIGNED, shown_at), keys=KEYS).step
    assert freshness(step - step_of(now), True) == "stale_code"
    assert freshness(step - step_of(now), False) == "amber"


@pytest.mark.parametrize("proven", [True, False])
def test_the_borders_of_fresh(proven):
    assert [freshness(drift, proven) for drift in GREEN] == ["ok", "ok"]
    assert "ok" not in {freshness(GREEN[0] - 1, proven), freshness(GREEN[1] + 1, proven)}


def test_the_borders_of_doubt():
    assert freshness(AMBER, False) == freshness(-AMBER, False) == "amber"
    assert freshness(AMBER + 1, False) == freshness(-AMBER - 1, False) == "clock"


def test_a_till_an_hour_back_or_a_day_ahead():
    own = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    for off in (timedelta(hours=-1), timedelta(days=1)):
        drift = step_of(own) - step_of(own + off)
        assert freshness(drift, True) == "stale_code"
        assert freshness(drift, False) == "clock"


def test_steps_know_no_time_zone_and_no_summer():
    berlin = ZoneInfo("Europe/Berlin")
    before = datetime(2026, 10, 25, 2, 30, tzinfo=berlin)
    after = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=berlin)
    assert step_of(after.astimezone(UTC)) - step_of(before.astimezone(UTC)) == 120
    moment = datetime(2026, 11, 22, 20, 0, tzinfo=timezone(timedelta(hours=8)))
    assert step_of(moment) == step_of(moment.astimezone(UTC)) == int(moment.timestamp()) // 30
    assert step_of(after) - step_of(before) == 120


def test_a_step_needs_a_time_zone():
    with pytest.raises(ValueError, match="zone"):
        step_of(datetime(2026, 11, 22, tzinfo=UTC).replace(tzinfo=None))
