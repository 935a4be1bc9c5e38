"""Codes: signatures have one form, digits one spelling, short codes forgive fingers and nothing else."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from o2o.kernel import tokens

KEY = ec.derive_private_key(20261122, ec.SECP256R1())
PUBLIC = KEY.public_key()
DOMAIN = b"o2o.test.v1\0"

kinds = st.sampled_from(sorted(tokens.CODE_BYTES))
codes = kinds.flatmap(
    lambda kind: st.tuples(
        st.just(kind), st.binary(min_size=tokens.CODE_BYTES[kind], max_size=tokens.CODE_BYTES[kind])
    )
)
short_codes = st.text(tokens.ALPHABET, min_size=12, max_size=12)


@given(st.binary(max_size=300))
def test_a_signature_has_64_bytes_a_low_s_and_holds(body):
    signature = tokens.sign(KEY, DOMAIN, body)
    assert len(signature) == 64
    assert int.from_bytes(signature[32:], "big") <= tokens.HALF_ORDER
    assert tokens.holds(PUBLIC, DOMAIN, body, signature)


def test_low_s_is_enforced_on_sign_for_many_bodies():
    # Half of all raw signatures have a high s: 64 low ones in a row are no chance.
    for number in range(64):
        signature = tokens.sign(KEY, DOMAIN, bytes([number]))
        assert int.from_bytes(signature[32:], "big") <= tokens.HALF_ORDER


@given(st.binary(max_size=40))
def test_the_high_s_twin_is_refused(body):
    signature = tokens.sign(KEY, DOMAIN, body)
    twin = signature[:32] + (tokens.ORDER - int.from_bytes(signature[32:], "big")).to_bytes(32, "big")
    assert not tokens.holds(PUBLIC, DOMAIN, body, twin)


def test_a_signature_holds_only_for_its_body_domain_and_key():
    signature = tokens.sign(KEY, DOMAIN, b"body")
    other = ec.derive_private_key(5, ec.SECP256R1()).public_key()
    assert not tokens.holds(PUBLIC, DOMAIN, b"bodY", signature)
    assert not tokens.holds(PUBLIC, b"o2o.tess.v1\0", b"body", signature)
    assert not tokens.holds(other, DOMAIN, b"body", signature)


@pytest.mark.parametrize("size", [0, 1, 63, 65, 70, 72, 128])
def test_a_signature_of_another_size_does_not_hold(size):
    signature = (tokens.sign(KEY, DOMAIN, b"body") * 3)[:size]
    assert not tokens.holds(PUBLIC, DOMAIN, b"body", signature)


def test_signing_twice_gives_the_same_bytes():
    assert tokens.sign(KEY, DOMAIN, b"body") == tokens.sign(KEY, DOMAIN, b"body")


@pytest.mark.parametrize("domain", [b"", b"\0", b"no end", b"a\0b\0", b"\0a", b"a\0b"])
def test_a_domain_ends_in_its_only_nul(domain):
    with pytest.raises(ValueError, match="NUL"):
        tokens.sign(KEY, domain, b"body")
    with pytest.raises(ValueError, match="NUL"):
        tokens.holds(PUBLIC, domain, b"body", bytes(64))


def test_another_curve_is_refused():
    foreign = ec.derive_private_key(5, ec.SECP256K1())
    with pytest.raises(ValueError, match="P-256"):
        tokens.sign(foreign, DOMAIN, b"body")
    with pytest.raises(ValueError, match="P-256"):
        tokens.holds(foreign.public_key(), DOMAIN, b"body", bytes(64))


@given(codes)
def test_digits_come_back(code):
    kind, body = code
    text = tokens.digits(kind, body)
    assert text.isascii()
    assert text.isdigit()
    assert tokens.from_digits(text) == (kind, body)


@given(st.text(max_size=500))
def test_only_the_canonical_spelling_is_read(text):
    try:
        kind, body = tokens.from_digits(text)
    except ValueError:
        return
    assert tokens.digits(kind, body) == text


@given(codes, st.sampled_from(["0", "+", "-", " ", "\t", "\n", "_", "\u200b", "\ufeff", "\u0660", "\uff10"]))
def test_what_int_would_take_is_refused(code, extra):
    text = tokens.digits(*code)
    for form in (extra + text, text + extra, text[:5] + extra + text[5:]):
        with pytest.raises(ValueError, match=r"digit|type|many"):
            tokens.from_digits(form)


@given(st.integers(0, 255), st.integers(0, 300))
def test_each_type_has_its_exact_size(kind, size):
    if tokens.CODE_BYTES.get(kind) == size:
        assert tokens.digits(kind, bytes(size))
        return
    with pytest.raises(ValueError, match="no code of type"):
        tokens.digits(kind, bytes(size))
    with pytest.raises(ValueError, match=r"digits|type"):
        tokens.from_digits(str(int.from_bytes(bytes([kind]) + bytes(size), "big")))


def test_a_monstrous_text_is_refused_before_it_is_read():
    with pytest.raises(ValueError, match="too many"):
        tokens.from_digits("1" * 10_000_000)


def test_short_codes_are_random_and_normal():
    made = {tokens.new_short_code() for _ in range(500)}
    assert len(made) == 500
    assert all(tokens.normal_code(code) == code for code in made)
    assert set("".join(made)) == set(tokens.ALPHABET)
    assert not set("ILOU") & set(tokens.ALPHABET)


@given(short_codes)
def test_a_code_typed_as_shown_is_found(code):
    assert tokens.normal_code(tokens.grouped(code)) == code
    assert tokens.normal_code(f"  {tokens.grouped(code).lower()}\n") == code
    wide = "".join(chr(ord(char) + 0xFEE0) for char in tokens.grouped(code))
    assert tokens.normal_code(wide) == code


@pytest.mark.parametrize(
    "typed",
    [
        "oIl1-2345-678a",
        "0111 2345 678A",
        "ＯＩＬ１ ２３４５ ６７８ａ",
        "O1L1\u30002345\u2014678\u2212A",
        "0-1-1-1-2-3-4-5-6-7-8-A",
    ],
)
def test_lookalikes_spaces_and_hyphens_do_not_matter(typed):
    assert tokens.normal_code(typed) == "01112345678A"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "12 characters"),
        ("ABCD-EFGH-JKM", "12 characters"),
        ("ABCD-EFGH-JKMNP", "12 characters"),
        ("ABCD-EFGH-JKMU", "never use"),
        ("ABCD-EFGH-JK*N", "never use"),
        ("ABCD_EFGH_JKMN", "12 characters"),
        ("ABCD-EFGH-JKM\u00df", "Latin letters"),
        ("ABCD-EFGH-JKM\u0410", "Latin letters"),
        ("一二三四五六七八九十百千", "Latin letters"),
        ("\ufdfa" * 12, "Latin letters"),
        ("A" * 65, "too long"),
        ("ABCD\0EFGHJKM", "never use"),
    ],
)
def test_what_is_no_short_code_is_refused(typed, why):
    with pytest.raises(ValueError, match=why):
        tokens.normal_code(typed)


def test_grouped():
    assert tokens.grouped("ABCDEFGHJKMN") == "ABCD-EFGH-JKMN"
