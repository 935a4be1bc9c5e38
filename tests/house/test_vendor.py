"""What came from others is what VENDOR.json says, byte for byte, and nothing else lies beside it."""

import hashlib
import json

from o2o.kernel.config import ROOT

VENDOR = ROOT / "static" / "vendor"
PACKAGES = json.loads((VENDOR / "VENDOR.json").read_text())


def test_every_file_has_its_fingerprint() -> None:
    for package in PACKAGES:
        for entry in package["files"]:
            digest = hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest()
            assert digest == entry["sha256"], f"{entry['file']} is not {package['source']}"


def test_nothing_unlisted_lies_there() -> None:
    listed = {entry["file"] for package in PACKAGES for entry in package["files"]}
    found = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()}
    assert found - {"VENDOR.json"} == listed


def test_every_package_names_version_licence_and_source() -> None:
    for package in PACKAGES:
        assert package["version"], package["name"]
        assert package["licence"], package["name"]
        assert package["source"] == f"{package['name']}@{package['version']}"
