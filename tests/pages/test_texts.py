"""The operator's pages: defaults in both languages, own files, bad files, and nothing that runs."""

import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from o2o.kernel import backup, checks
from o2o.kernel.db import db
from o2o.pages import source
from o2o.pages.markdown import PLACEHOLDER, render
from tests import factories
from tests.counting import counting

VALUES = {"site_name": "五道口", "town": "五道口", "contact": "a@b.example", "address": "https://b.example"}
CHINESE = {"Accept-Language": "zh-CN"}
PAGES = [(name, address) for name, (address, _title) in source.PAGES.items()]


@pytest.fixture
def folder(app: Flask) -> Any:
    """Give the folder of the operator's texts, empty before and after."""
    place: Path = app.config["O2O"].data_dir / "pages"
    place.mkdir(exist_ok=True)
    yield place
    for path in place.iterdir():
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    place.rmdir()


def write(folder: Path, name: str, body: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    return path


def test_every_default_is_there_in_both_languages() -> None:
    wanted = {f"{name}.{language}.md" for name in source.PAGES for language in source.LANGUAGES}
    assert {path.name for path in source.DEFAULTS.iterdir()} == wanted


@pytest.mark.parametrize("name", source.PAGES)
def test_both_languages_of_a_default_say_the_same_things(name: str) -> None:
    chinese, english = (source.default(name, language) for language in source.LANGUAGES)
    for pattern in (r"^#+ ", r"^- ", r"\]\(([^)]+)\)", PLACEHOLDER.pattern):
        found = [re.findall(pattern, text, re.MULTILINE) for text in (chinese, english)]
        assert sorted(found[0]) == sorted(found[1]), pattern
    assert not re.search(r"[一-鿿]", english)


@pytest.mark.parametrize(("name", "address"), PAGES)
def test_the_default_says_that_it_is_one(client: FlaskClient, session: Any, name: str, address: str) -> None:
    factories.make_town(session)
    session.commit()
    for headers, said in ((CHINESE, "五道口"), ({}, "Wudaokou")):
        answer = client.get(address, headers=headers)
        body = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert 'class="notice notice-info"' in body
        assert said in body
        assert not PLACEHOLDER.search(body)
        assert answer.headers["X-O2O-Cache"] == "page"
        assert len(body.encode()) < 40_000


def test_links_of_the_defaults_lead_somewhere(app: Flask) -> None:
    known = {rule.rule for rule in app.url_map.iter_rules()} | {"/about/ranking"}
    for name in source.PAGES:
        for language in source.LANGUAGES:
            inside = re.findall(r"\]\((/[^)]*)\)", source.default(name, language))
            assert set(inside) <= known, (name, language)


def test_the_operators_text_takes_the_place(client: FlaskClient, folder: Path) -> None:
    write(
        folder,
        "terms.en.md",
        "# Our rules\n\nBe kind in {town}. Write to {contact}.\n\n## Second\n\n{unknown}",
    )
    body = client.get("/about/terms").get_data(as_text=True)
    assert "<h1>Our rules</h1>" in body
    assert "<h2>Second</h2>" in body
    assert "{unknown}" in body
    assert "notice-info" not in body
    again = write(folder, "terms.en.md", "Changed.")
    os.utime(again, (1, 1))
    assert "Changed." in client.get("/about/terms").get_data(as_text=True)
    again.unlink()
    assert "notice-info" in client.get("/about/terms").get_data(as_text=True)


def test_one_language_stands_for_both_and_says_so(client: FlaskClient, folder: Path) -> None:
    write(folder, "imprint.zh-Hans.md", "# 我们\n\n运营者是王记。")
    body = client.get("/about/imprint").get_data(as_text=True)
    assert "运营者是王记" in body
    assert 'lang="zh-Hans">' in body
    assert "in one language only" in body
    assert "notice-info" not in client.get("/about/imprint", headers=CHINESE).get_data(as_text=True)


def bad_files(folder: Path) -> dict[str, str]:
    """Write a file of every bad kind; return what flask check must say of each."""
    outside = folder.parent / "secret_page"
    outside.write_text("# SECRET")
    (folder / "about.en.md").symlink_to(outside)
    write(folder, "about.zh-Hans.md", b"\xff\xfe# not utf-8")
    write(folder, "terms.en.md", "x" * (source.LARGEST + 1))
    write(folder, "terms.zh-Hans.md", " \n\n ")
    os.mkfifo(folder / "privacy.en.md")
    (folder / "privacy.zh-Hans.md").mkdir()
    return {
        "about.en.md": "cannot be read",
        "about.zh-Hans.md": "is not UTF-8",
        "terms.en.md": "is larger than 200 KB",
        "terms.zh-Hans.md": "is empty",
        "privacy.en.md": "is no plain file",
        "privacy.zh-Hans.md": "is no plain file",
    }


def test_what_cannot_be_shown_leaves_the_default_and_a_line(client: FlaskClient, folder: Path) -> None:
    wanted = bad_files(folder)
    for address in ("/about", "/about/terms", "/about/privacy"):
        for headers in ({}, CHINESE):
            answer = client.get(address, headers=headers)
            assert answer.status_code == 200
            assert "notice-info" in answer.get_data(as_text=True)
            assert "SECRET" not in answer.get_data(as_text=True)
    lines = [line for line in checks.broken(db.session) if line.startswith("W1 ")]
    assert len(lines) == len(wanted)
    for name, why in wanted.items():
        assert any(name in line and why in line for line in lines), (name, lines)
    (folder.parent / "secret_page").unlink()


def test_a_folder_that_is_none_changes_nothing(client: FlaskClient, app: Flask) -> None:
    place = app.config["O2O"].data_dir / "pages"
    place.write_text("a file where a folder should be")
    assert "notice-info" in client.get("/about").get_data(as_text=True)
    assert any(line.startswith("W1 ") for line in checks.broken(db.session))
    place.unlink()


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,AAAA)",
        "![x](https://tracker.example/x.png)",
        '[x](https://a.example "onmouseover=alert(1)")',
        "<https://a.example/<script>>",
        "&#60;script&#62;",
        "# <script>alert(1)</script>",
    ],
)
def test_nothing_of_a_text_runs(hostile: str) -> None:
    words = render(f"{hostile}\n\ntext", VALUES)
    body = str(words.body)
    assert "<script" not in body
    assert "<img" not in body
    assert not re.search(r'href="(?!https?:|mailto:|/)', body)
    assert not re.search(r"<[^>]*\son\w+=", re.sub(r'"[^"]*"', '""', body))


def test_links_and_headings_fit_the_page() -> None:
    words = render("# T\n\n## A\n\n###### Z\n\n[out](https://a.example) [in](/about)", VALUES)
    assert words.title == "T"
    assert "<h2>A</h2>" in words.body
    assert "<h6>Z</h6>" in words.body
    assert '<a href="https://a.example" rel="nofollow noopener">' in words.body
    assert '<a href="/about">' in words.body
    assert "<h3>A</h3>" in render("text\n\n## A", VALUES).body


@pytest.mark.parametrize("value", ["*b* [x](javascript:1)", "<b>", "# x", "a_b_c@d.example", "{town}", "`x`"])
def test_values_are_text_whatever_they_hold(value: str) -> None:
    body = render("{contact}", {**VALUES, "contact": value}).body
    assert re.sub(r"<[^>]+>", "", body).strip() == str(value).replace("<", "&lt;").replace(">", "&gt;")
    assert "<em>" not in body


def test_chinese_names_stand_without_spaces() -> None:
    for name, expected in (("五道口", "在五道口买"), ("Wudaokou", "在 Wudaokou 买")):
        assert expected in render("在 {site_name} 买", {**VALUES, "site_name": name}).body


def test_a_mail_address_becomes_a_link() -> None:
    assert '<a href="mailto:a@b.example"' in render("{contact}", VALUES).body
    assert "<a" not in render("{contact}", {**VALUES, "contact": "ring the bell"}).body


def test_the_operator_sees_what_is_still_a_default(client: FlaskClient, folder: Path) -> None:
    client.sign_in("operator")  # type: ignore[attr-defined]
    write(folder, "terms.en.md", "Ours.")
    write(folder, "about.en.md", b"\xff")
    for headers in ({}, {"HX-Request": "true"}):
        body = client.get("/operator/pages", headers=headers).get_data(as_text=True)
        assert body.count("badge-wait") == 4
        assert body.count("badge-ok") == 1
        assert "is not UTF-8" in body
    assert 'hx-get="/operator/pages"' in client.get("/operator").get_data(as_text=True)


def test_a_backup_takes_the_texts_along(
    app: Flask, client: FlaskClient, folder: Path, tmp_path: Path
) -> None:
    text = write(folder, "about.en.md", "We are three sisters.")
    kept = backup.backup(tmp_path / "town.tar.gz")
    text.write_text("Overwritten.")
    backup.restore(kept)
    assert "three sisters" in client.get("/about").get_data(as_text=True)
    shutil.rmtree(folder.with_name("pages.before-restore"))


def test_a_page_costs_no_query_beyond_the_town(client: FlaskClient, session: Any) -> None:
    factories.make_town(session)
    session.commit()
    client.get("/about")
    with counting() as statements:
        client.get("/about/privacy")
    assert len(statements) <= 1, statements


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_page_leads_to_the_rules(client: FlaskClient, language: str) -> None:
    body = client.get("/sign-in", headers={"Accept-Language": language}).get_data(as_text=True)
    for address in (
        "/about",
        "/about/terms",
        "/about/privacy",
        "/about/imprint",
        "/about/ranking",
        "/display",
    ):
        assert f'href="{address}"' in body
