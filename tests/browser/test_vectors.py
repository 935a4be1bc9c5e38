"""JavaScript over the vector file: the module that tills and holders load says what Python says, code by code."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Page

from o2o.passes.proof import code_verdict, proof_holds
from o2o.passes.token import Token, qr_text, read, sign_token
from tests.browser.conftest import Phone, Town, served
from tests.passes.mutations import mutations
from tests.passes.vectors import EACH, KEYS, ORIGINALS, SEEDS, VECTORS, flipped, text_of

pytestmark = pytest.mark.browser
LOAD = "async (address) => { window.code = await import(address); window.keys = {}; }"
# Anything that is thrown instead of answered shows as another word than a verdict.
VERDICTS = """async (texts) => {
    const answers = [];
    for (const text of JSON.parse(texts)) {
        answers.push(await window.code.codeVerdict(text, window.keys).catch((error) => `threw ${error}`));
    }
    return JSON.stringify(answers);
}"""
FIELDS = """async (text) => {
    const code = window.code.parse(text);
    const written = code.step === null ? text : window.code.liveText(code.tokenBytes, code.step, code.proof);
    return { kind: code.kind, step: code.step, token: code.token, written };
}"""
REASON = "(value) => { try { window.code.parse(value); } catch (error) { return error.reason; } }"
MAKE_KEY = """async () => {
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    window.pair = await crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
    return Array.from(new Uint8Array(await crypto.subtle.exportKey("raw", window.pair.publicKey)));
}"""
SHOW = """async ({ text, keys, steps }) => {
    const { parse, proofMessage, liveText, codeVerdict } = window.code;
    const { tokenBytes } = parse(text);
    const ecdsa = { name: "ECDSA", hash: "SHA-256" };
    return Promise.all(steps.map(async (step) => {
        const message = await proofMessage(tokenBytes, step);
        const signature = await crypto.subtle.sign(ecdsa, window.pair.privateKey, message);
        const shown = liveText(tokenBytes, step, signature);
        return { shown, verdict: await codeVerdict(shown, keys) };
    }));
}"""
NAMES = {
    "pass_id": "passId",
    "terms_id": "termsId",
    "scope_id": "scopeId",
    "not_before": "notBefore",
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("vectors")) as running:
        yield running


@pytest.fixture
def page(town: Town, phone: Callable[..., Phone]) -> Page:
    """Open a page under the site's policy with the module loaded as a till loads it."""
    page = phone(town).page
    answer = page.goto("/display")
    assert answer is not None
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    page.evaluate(LOAD, f"/static/{town.app.config['BUILD']}/js/pass-code.js")
    page.evaluate("(keys) => { window.keys = keys; }", VECTORS["keys"])
    return page


def verdicts(page: Page, texts: list[str]) -> list[str]:
    """Ask JavaScript about many texts in one go."""
    answers: list[str] = json.loads(page.evaluate(VERDICTS, json.dumps(texts)))
    assert len(answers) == len(texts)
    return answers


def test_every_code_has_the_same_verdict(page: Page) -> None:
    codes = [*VECTORS["good"], *VECTORS["bad"]]
    answers = verdicts(page, [code["text"] for code in codes])
    wrong = {
        code["name"]: answer for code, answer in zip(codes, answers, strict=True) if answer != code["verdict"]
    }
    assert not wrong


def test_every_field_is_read_the_same(page: Page) -> None:
    for code in VECTORS["good"]:
        read: dict[str, Any] = page.evaluate(FIELDS, code["text"])
        flags = code["token"]["flags"]
        told = {NAMES.get(name, name): value for name, value in code["token"].items()}
        told |= {"device": told.get("device"), "parity": flags & 1, "kindOfPass": flags >> 4}
        told |= {"onlineOnly": bool(flags & 4), "askForId": bool(flags & 8)}
        assert read["token"] == told
        assert (read["kind"], read["step"]) == (code["kind"], code.get("step"))
        assert read["written"] == code["text"]


def test_every_bit_flip_has_the_same_verdict(page: Page) -> None:
    for flips in VECTORS["flips"]:
        told = dict(flipped(flips))
        assert dict(zip(told, verdicts(page, list(told)), strict=True)) == told
    assert len(told) == 1576


def test_every_truncation_has_the_same_verdict(page: Page) -> None:
    for cut in VECTORS["truncations"]:
        text = text_of(cut["of"])
        assert set(verdicts(page, [text[:length] for length in range(len(text))])) == {cut["verdict"]}


@pytest.mark.parametrize("seed", SEEDS)
def test_damaged_codes_have_the_same_verdict(page: Page, seed: int) -> None:
    texts = list(mutations(ORIGINALS, seed=seed, count=EACH))
    answers = verdicts(page, texts)
    assert "ok" not in answers
    said = [code_verdict(text, keys=KEYS) for text in texts]
    apart = [
        (text, ours, theirs)
        for text, ours, theirs in zip(texts, said, answers, strict=True)
        if ours != theirs
    ]
    assert apart == []


def test_what_is_no_text_is_no_code(page: Page) -> None:
    for value in (None, 7, True, [], {}, [text_of("plain")], 1e300):
        assert page.evaluate(REASON, value) == "format"


def test_freshness(page: Page) -> None:
    asked = "(cases) => cases.map(({ drift, proven }) => window.code.freshness(drift, proven))"
    assert page.evaluate(asked, VECTORS["freshness"]) == [case["verdict"] for case in VECTORS["freshness"]]
    nothing = "[null, undefined, NaN, '', '0', 0.5].map((drift) => window.code.freshness(drift, false))"
    assert set(page.evaluate(nothing)) == {"clock"}


def test_steps(page: Page) -> None:
    asked = "(cases) => cases.map(({ ms }) => window.code.stepOf(ms))"
    assert page.evaluate(asked, VECTORS["steps"]) == [case["step"] for case in VECTORS["steps"]]


def test_points(page: Page) -> None:
    asked = "(cases) => cases.map(({ x, parity }) => window.code.decompress(x, parity))"
    assert page.evaluate(asked, VECTORS["points"]) == [case["y"] for case in VECTORS["points"]]


def test_short_codes(page: Page) -> None:
    cases = VECTORS["short_codes"]
    codes = page.evaluate("(cases) => cases.map(({ typed }) => window.code.normalCode(typed))", cases)
    assert codes == [case["code"] for case in cases]
    kept = [case for case in cases if case["code"]]
    asked = "(cases) => Promise.all(cases.map(({ code }) => window.code.codeHash(code)))"
    assert page.evaluate(asked, kept) == [case["hash"] for case in kept]


def test_an_issuers_key_that_is_no_point_signs_nothing(page: Page) -> None:
    asked = "(text) => window.code.codeVerdict(text, { 1: { x: '00'.repeat(32), y: '11'.repeat(32) } })"
    assert page.evaluate(asked, text_of("live, plain")) == "signature"
    assert (
        page.evaluate("(text) => window.code.codeVerdict(text, {})", text_of("live, plain")) == "unknown_key"
    )


def test_what_a_browser_signs_holds_on_the_server(page: Page) -> None:
    point = bytes(page.evaluate(MAKE_KEY))
    key = ec.derive_private_key(20261122, ec.SECP256R1())
    numbers = key.public_key().public_numbers()
    token = Token(
        kid=1,
        pass_id="0123456789abcdef",
        terms_id=7,
        scope_id=42,
        not_before=0,
        expires=2**32 - 1,
        device=point[1:33],
        parity=point[64] & 1,
    )
    # Half of a browser's signatures have a high s: 32 codes that all hold are no chance.
    steps = [0, 2**32 - 1, *range(59_130_000, 59_130_030)]
    given = {
        "text": qr_text(sign_token(token, key)),
        "keys": {"1": {"x": f"{numbers.x:064x}", "y": f"{numbers.y:064x}"}},
        "steps": steps,
    }
    for step, answer in zip(steps, page.evaluate(SHOW, given), strict=True):
        assert answer["verdict"] == "ok"
        shown = read(answer["shown"], keys={1: key.public_key()})
        assert (shown.token, shown.step) == (token, step)
        assert proof_holds(shown)


def test_the_module_is_small() -> None:
    source = Path(__file__).parents[2] / "static" / "js" / "pass-code.js"
    assert len(gzip.compress(source.read_bytes(), mtime=0)) <= 2_560
