"""Issuer keys: made once, whole, private; a wrong file stops with a sentence, never with a new key."""

import multiprocessing
import os
import shutil
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from o2o.issuer.keys import IssuerKey, KeyTrouble, load_keys, make_key, public_keys
from o2o.kernel import tokens

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
MADE = b"Made: 2026-11-22T01:30:00+00:00\n"


def pem(private, encryption=None):
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


def put(place, name, content):
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = place / name
    path.write_bytes(content)
    path.chmod(0o600)
    return path


@pytest.fixture
def place(tmp_path):
    return tmp_path / "town" / "keys"


def first_key(place):
    return make_key(place, 1, NOW)


def point(key):
    return key.public.public_numbers()


def test_the_first_key_is_made_private_and_stays(place):
    key = first_key(place)
    path = place / "issuer-001.pem"
    assert (key.kid, key.made) == (1, NOW)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["issuer-001.pem"]
    assert point(first_key(place)) == point(key)
    signature = tokens.sign(key.private, b"t\0", b"body")
    assert tokens.holds(load_keys(place)[1].public, b"t\0", b"body", signature)


def test_the_mode_does_not_depend_on_the_umask(place):
    before = os.umask(0)
    try:
        first_key(place)
    finally:
        os.umask(before)
    assert (place / "issuer-001.pem").stat().st_mode & 0o777 == 0o600


def test_the_private_key_is_not_in_the_repr(place):
    assert "private" not in repr(first_key(place))


def _race(folder, barrier, answers):
    barrier.wait()
    key = first_key(folder)
    answers.put(point(key).x)


def test_processes_that_start_at_once_make_one_key(place):
    context = multiprocessing.get_context("fork")
    for turn in range(5):
        barrier, answers = context.Barrier(4), context.Queue()
        folder = place / str(turn)
        racers = [context.Process(target=_race, args=(folder, barrier, answers)) for _ in range(4)]
        for racer in racers:
            racer.start()
        seen = {answers.get(timeout=20) for _ in racers}
        for racer in racers:
            racer.join(20)
        assert len(seen) == 1
        assert [entry.name for entry in folder.iterdir()] == ["issuer-001.pem"]


def test_every_file_is_a_key(place):
    first = first_key(place)
    put(place, "issuer-003.pem", MADE + pem(ec.generate_private_key(ec.SECP256R1())))
    keys = load_keys(place)
    assert sorted(keys) == sorted(public_keys(keys)) == [1, 3]
    assert point(keys[1]) == point(first)


def test_no_folder_means_no_keys_and_nothing_is_made(place):
    assert load_keys(place) == {}
    assert not place.exists()


def test_numbers_run_out_with_a_sentence(place):
    with pytest.raises(KeyTrouble, match="used up"):
        make_key(place, 256, NOW)


def damaged_files():
    p256 = ec.generate_private_key(ec.SECP256R1())
    whole = MADE + pem(p256)
    return {
        "empty": b"",
        "half": whole[: len(whole) // 2],
        "one letter gone": whole[:80] + whole[81:],
        "noise": bytes(range(256)),
        "public": MADE + p256.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "no date": pem(p256),
        "wrong date": b"Made: 2026-13-45\n" + pem(p256),
        "encrypted": MADE + pem(p256, BestAvailableEncryption(b"secret")),
        "another curve": MADE + pem(ec.generate_private_key(ec.SECP384R1())),
        "RSA": MADE + pem(rsa.generate_private_key(65537, 2048)),
        "Ed25519": MADE + pem(ed25519.Ed25519PrivateKey.generate()),
        "too large": whole + b"\n" * 9000,
    }


DAMAGED = damaged_files()


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_or_foreign_key_stops_and_makes_nothing(place, what):
    path = put(place, "issuer-001.pem", DAMAGED[what])
    for attempt in (load_keys, lambda folder: first_key(folder)):
        with pytest.raises(KeyTrouble, match=r"issuer-001\.pem"):
            attempt(place)
    assert path.read_bytes() == DAMAGED[what]
    assert [entry.name for entry in path.parent.iterdir()] == ["issuer-001.pem"]


@pytest.mark.parametrize(
    "name",
    ["issuer-000.pem", "issuer-256.pem", "issuer-1.pem", "issuer-001.pem.bak", "id_rsa", "issuer-٠٠١.pem"],
)
def test_a_file_of_another_name_stops_and_makes_nothing(place, name):
    put(place, name, DAMAGED["no date"])
    with pytest.raises(KeyTrouble, match="Move it"):
        first_key(place)
    assert len(list(place.iterdir())) == 1


def test_a_folder_or_a_dead_link_in_a_keys_place_stops(place):
    place.mkdir(mode=0o700, parents=True)
    file = place / "issuer-001.pem"
    file.mkdir(mode=0o700)
    with pytest.raises(KeyTrouble, match="issuer-001"):
        first_key(place)
    file.rmdir()
    file.symlink_to("/nowhere/at/all")
    with pytest.raises(KeyTrouble, match="cannot be read"):
        first_key(place)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_key_that_others_can_read_stops(place, mode):
    first_key(place)
    (place / "issuer-001.pem").chmod(mode)
    with pytest.raises(KeyTrouble, match="chmod 600"):
        load_keys(place)


@pytest.mark.parametrize("mode", [0o755, 0o710, 0o702])
def test_a_folder_that_others_can_enter_stops(place, mode):
    first_key(place)
    place.chmod(mode)
    with pytest.raises(KeyTrouble, match="chmod 700"):
        load_keys(place)


def test_a_half_made_key_of_a_dead_process_is_not_a_key(place):
    put(place, ".new-0123456789abcdef", b"Made: 20")
    assert first_key(place).kid == 1
    assert sorted(load_keys(place)) == [1]


def test_a_data_folder_that_is_a_file_gives_a_sentence(place):
    place.parent.write_text("not a folder")
    with pytest.raises(KeyTrouble, match="cannot be"):
        first_key(place)


def test_keys_are_read_once_until_a_file_changes(place):
    first = first_key(place)
    again = load_keys(place)[1]
    assert load_keys(place)[1] is again
    again_keys = load_keys(place)
    again_keys.clear()
    assert load_keys(place)
    put(place, "issuer-001.pem", MADE + pem(ec.generate_private_key(ec.SECP256R1())))
    os.utime(place / "issuer-001.pem", ns=(1, 1))
    changed = load_keys(place)[1]
    assert isinstance(changed, IssuerKey)
    assert point(changed) != point(first)
    shutil.rmtree(place)
    assert load_keys(place) == {}
