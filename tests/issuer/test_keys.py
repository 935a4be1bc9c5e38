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

from o2o.issuer.keys import IssuerKey, KeyTrouble, ensure_key, load_keys, newest, public_keys
from o2o.kernel import tokens

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
MADE = b"Made: 2026-11-22T01:30:00+00:00\n"


def pem(private, encryption=None):
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


def put(folder, name, content):
    place = folder / "keys"
    place.mkdir(mode=0o700, exist_ok=True)
    path = place / name
    path.write_bytes(content)
    path.chmod(0o600)
    return path


def point(key):
    return key.public.public_numbers()


def test_the_first_key_is_made_private_and_stays(tmp_path):
    key = ensure_key(tmp_path / "data", NOW)
    path = tmp_path / "data" / "keys" / "issuer-001.pem"
    assert (key.kid, key.made) == (1, NOW)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["issuer-001.pem"]
    assert point(ensure_key(tmp_path / "data", NOW)) == point(key)
    signature = tokens.sign(key.private, b"t\0", b"body")
    assert tokens.holds(load_keys(tmp_path / "data")[1].public, b"t\0", b"body", signature)


def test_the_mode_does_not_depend_on_the_umask(tmp_path):
    before = os.umask(0)
    try:
        ensure_key(tmp_path, NOW)
    finally:
        os.umask(before)
    assert (tmp_path / "keys" / "issuer-001.pem").stat().st_mode & 0o777 == 0o600


def test_the_private_key_is_not_in_the_repr(tmp_path):
    assert "private" not in repr(ensure_key(tmp_path, NOW))


def _race(folder, barrier, answers):
    barrier.wait()
    key = ensure_key(folder, NOW)
    answers.put(point(key).x)


def test_processes_that_start_at_once_make_one_key(tmp_path):
    context = multiprocessing.get_context("fork")
    for turn in range(5):
        barrier, answers = context.Barrier(4), context.Queue()
        folder = tmp_path / str(turn)
        racers = [context.Process(target=_race, args=(folder, barrier, answers)) for _ in range(4)]
        for racer in racers:
            racer.start()
        seen = {answers.get(timeout=20) for _ in racers}
        for racer in racers:
            racer.join(20)
        assert len(seen) == 1
        assert [entry.name for entry in (folder / "keys").iterdir()] == ["issuer-001.pem"]


def test_the_newest_signs_and_all_verify(tmp_path):
    first = ensure_key(tmp_path, NOW)
    put(tmp_path, "issuer-003.pem", MADE + pem(ec.generate_private_key(ec.SECP256R1())))
    keys = load_keys(tmp_path)
    assert sorted(keys) == sorted(public_keys(keys)) == [1, 3]
    assert newest(keys).kid == ensure_key(tmp_path, NOW).kid == 3
    assert point(keys[1]) == point(first)


def test_no_folder_means_no_keys_and_nothing_is_made(tmp_path):
    assert load_keys(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(KeyTrouble, match="backup"):
        newest({})


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
def test_a_damaged_or_foreign_key_stops_and_makes_nothing(tmp_path, what):
    path = put(tmp_path, "issuer-001.pem", DAMAGED[what])
    for attempt in (load_keys, lambda folder: ensure_key(folder, NOW)):
        with pytest.raises(KeyTrouble, match=r"issuer-001\.pem"):
            attempt(tmp_path)
    assert path.read_bytes() == DAMAGED[what]
    assert [entry.name for entry in path.parent.iterdir()] == ["issuer-001.pem"]


@pytest.mark.parametrize(
    "name",
    ["issuer-000.pem", "issuer-256.pem", "issuer-1.pem", "issuer-001.pem.bak", "id_rsa", "issuer-٠٠١.pem"],
)
def test_a_file_of_another_name_stops_and_makes_nothing(tmp_path, name):
    put(tmp_path, name, DAMAGED["no date"])
    with pytest.raises(KeyTrouble, match="Move it"):
        ensure_key(tmp_path, NOW)
    assert len(list((tmp_path / "keys").iterdir())) == 1


def test_a_folder_or_a_dead_link_in_a_keys_place_stops(tmp_path):
    (tmp_path / "keys").mkdir(mode=0o700)
    place = tmp_path / "keys" / "issuer-001.pem"
    place.mkdir(mode=0o700)
    with pytest.raises(KeyTrouble, match="issuer-001"):
        ensure_key(tmp_path, NOW)
    place.rmdir()
    place.symlink_to("/nowhere/at/all")
    with pytest.raises(KeyTrouble, match="cannot be read"):
        ensure_key(tmp_path, NOW)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_key_that_others_can_read_stops(tmp_path, mode):
    ensure_key(tmp_path, NOW)
    (tmp_path / "keys" / "issuer-001.pem").chmod(mode)
    with pytest.raises(KeyTrouble, match="chmod 600"):
        load_keys(tmp_path)


@pytest.mark.parametrize("mode", [0o755, 0o710, 0o702])
def test_a_folder_that_others_can_enter_stops(tmp_path, mode):
    ensure_key(tmp_path, NOW)
    (tmp_path / "keys").chmod(mode)
    with pytest.raises(KeyTrouble, match="chmod 700"):
        load_keys(tmp_path)


def test_a_half_made_key_of_a_dead_process_is_not_a_key(tmp_path):
    put(tmp_path, ".new-0123456789abcdef", b"Made: 20")
    assert ensure_key(tmp_path, NOW).kid == 1
    assert sorted(load_keys(tmp_path)) == [1]


def test_a_data_folder_that_is_a_file_gives_a_sentence(tmp_path):
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(KeyTrouble, match="cannot be made"):
        ensure_key(tmp_path / "data", NOW)


def test_keys_are_read_once_until_a_file_changes(tmp_path):
    first = ensure_key(tmp_path, NOW)
    again = load_keys(tmp_path)[1]
    assert load_keys(tmp_path)[1] is again
    again_keys = load_keys(tmp_path)
    again_keys.clear()
    assert load_keys(tmp_path)
    put(tmp_path, "issuer-001.pem", MADE + pem(ec.generate_private_key(ec.SECP256R1())))
    os.utime(tmp_path / "keys" / "issuer-001.pem", ns=(1, 1))
    changed = load_keys(tmp_path)[1]
    assert isinstance(changed, IssuerKey)
    assert point(changed) != point(first)
    shutil.rmtree(tmp_path / "keys")
    assert load_keys(tmp_path) == {}
