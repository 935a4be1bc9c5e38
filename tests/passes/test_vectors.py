"""Python over the vector file; tests/browser/test_vectors.py asks JavaScript the same."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from o2o.kernel import tokens
from o2o.passes.proof import code_verdict, freshness, live_text, step_of
from o2o.passes.token import BOUND_BYTES, qr_text, read
from tests.passes.mutations import mutations
from tests.passes.vectors import EACH, FOLDER, KEYS, ORIGINALS, SEEDS, VECTORS, flipped, text_of

REFUSALS = {"format", "unknown_key", "signature", "copy", "proof"}


def verdict(text):
    return code_verdict(text, keys=KEYS)


@pytest.mark.parametrize("code", VECTORS["good"], ids=lambda code: code["name"])
def test_good_codes_are_read_and_written_the_same(code):
    shown = read(code["text"], keys=KEYS)
    told = dict(code["token"])
    flags, device = told.pop("flags"), told.pop("device", None)
    token = shown.token
    assert {name: getattr(token, name) for name in told} == told
    assert token.kind == flags >> 4
    assert token.online_only == bool(flags & 4)
    assert token.ask_for_id == bool(flags & 8)
    assert (token.device.hex() if token.device else None) == device
    assert token.parity == flags & 1
    assert (shown.kind, shown.step) == (code["kind"], code.get("step"))
    signature = tokens.from_digits(code["text"])[1][: BOUND_BYTES if device else None][-64:]
    assert token.pack() + signature == shown.token_bytes
    written = (
        qr_text(shown.token_bytes)
        if shown.step is None
        else live_text(shown.token_bytes, shown.step, shown.proof)
    )
    assert written == code["text"]
    assert verdict(code["text"]) == code["verdict"]


@pytest.mark.parametrize("code", VECTORS["bad"], ids=lambda code: code["name"])
def test_bad_codes_are_refused_for_the_right_reason(code):
    assert verdict(code["text"]) == code["verdict"]


@pytest.mark.parametrize("flips", VECTORS["flips"], ids=lambda flips: flips["of"])
def test_every_bit_flip_is_refused_for_the_right_reason(flips):
    told = dict(flipped(flips))
    raw = tokens.from_digits(text_of(flips["of"]))[1]
    assert len(told) == 8 * (1 + len(raw))
    assert set(told.values()) <= REFUSALS
    assert {text: verdict(text) for text in told} == told


def test_all_1576_bits_of_a_live_code_were_turned():
    assert [len(list(flipped(flips))) for flips in VECTORS["flips"]] == [776, 1032, 1576]


@pytest.mark.parametrize("cut", VECTORS["truncations"], ids=lambda cut: cut["of"])
def test_every_truncation_is_refused(cut):
    text = text_of(cut["of"])
    assert {verdict(text[:length]) for length in range(len(text))} == {cut["verdict"]}
    kind, raw = tokens.from_digits(text)
    for length in range(len(raw)):
        assert verdict(str(int.from_bytes(bytes([kind]) + raw[:length], "big"))) == "format"


@pytest.mark.parametrize("seed", SEEDS)
def test_no_damaged_code_is_taken(seed):
    found = {}
    for text in mutations(ORIGINALS, seed=seed, count=EACH):
        answer = verdict(text)
        found[answer] = found.get(answer, 0) + 1
    assert REFUSALS - {"copy"} <= set(found) <= REFUSALS
    assert sum(found.values()) == EACH
    # Not all damage is so coarse that the digits already give it away.
    assert found["signature"] > EACH / 5
    assert found["proof"] > EACH / 50


@pytest.mark.parametrize("case", VECTORS["freshness"], ids=lambda case: f"{case['drift']} {case['proven']}")
def test_freshness(case):
    assert freshness(case["drift"], case["proven"]) == case["verdict"]


def test_steps():
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    for case in VECTORS["steps"]:
        assert step_of(epoch + timedelta(milliseconds=case["ms"])) == case["step"]


def test_points():
    for case in VECTORS["points"]:
        key = tokens.point(bytes.fromhex(case["x"]), case["parity"])
        assert (key and f"{key.public_numbers().y:064x}") == case["y"]


@pytest.mark.parametrize("case", VECTORS["short_codes"], ids=lambda case: ascii(case["typed"]))
def test_short_codes(case):
    if case["code"] is None:
        with pytest.raises(ValueError, match="short code"):
            tokens.normal_code(case["typed"])
        return
    assert tokens.normal_code(case["typed"]) == case["code"]
    assert tokens.code_hash(case["code"]) == case["hash"]


def test_the_vector_file_is_what_its_maker_makes():
    program = "import make, sys; sys.stdout.write(make.as_text())"
    made = subprocess.run([sys.executable, "-c", program], cwd=FOLDER, capture_output=True, check=True)
    assert made.stdout.decode("ascii") == (FOLDER / "pass.json").read_text("ascii")
