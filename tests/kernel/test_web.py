"""Answers: safe redirects, languages, headers, static files, plumbing."""

import gzip
import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from o2o.kernel.web import safe_next

EVIL = [
    "//evil.example", "///evil.example", "/\\evil.example", "/\t/evil.example", "\t//evil.example", "http:evil.example",
    "https://evil.example", "http:///evil.example", "javascript:alert(1)", "/a//b", "/..//evil", "/%2f/evil.example",
    "/%5cevil.example", "/．evil", "／／evil.example", "/\r\nSet-Cookie: a=b", "", None,
    "wallet", " /wallet", "/" + "a" * 600,
]  # fmt: skip


@pytest.mark.parametrize("target", EVIL)
def test_open_redirects_are_refused(target: str | None) -> None:
    assert safe_next(target, "/home") == "/home"


@pytest.mark.parametrize(
    "target", ["/", "/wallet", "/shops/7?q=%E9%9D%A2", "/?bbox=1,2,3,4&open=1", "/offers/3#buy"]
)
def test_own_paths_pass(target: str) -> None:
    assert safe_next(target) == target


@pytest.mark.parametrize(
    ("accept", "lang"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("en-GB,en", "en"),
        ("fi", "en"),
        ("", "zh-Hans"),
        ("de;q=0.9, zh-TW;q=0.8", "zh-Hans"),
        ("zh;q=0, en;q=0.1", "en"),
        ("!!!;;;q=x", "zh-Hans"),
    ],
)
def test_the_browser_chooses_the_language(client: FlaskClient, accept: str, lang: str) -> None:
    body = client.get("/offline", headers={"Accept-Language": accept}).get_data(as_text=True)
    assert f'<html lang="{lang}">' in body


def test_the_footer_switch_outlives_the_browser_and_keeps_the_page(client: FlaskClient) -> None:
    answer = client.post("/language", data={"locale": "zh-Hans", "next": "/offline?a=1"})
    assert (answer.status_code, answer.location) == (303, "/offline?a=1")
    assert '<html lang="zh-Hans">' in client.get("/offline").get_data(as_text=True)
    assert client.post("/language", data={"locale": "en", "next": "//evil"}).location == "/"


def test_an_unknown_language_is_a_clear_400(client: FlaskClient) -> None:
    answer = client.post("/language", data={"locale": "tlh"})
    assert answer.status_code == 400
    assert "We speak Chinese and English." in answer.get_data(as_text=True)


def test_the_policy_forbids_inline_code_and_strangers(client: FlaskClient) -> None:
    headers = client.get("/offline").headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    assert "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert {"HX-Request", "Accept-Language", "Cookie"} <= set(headers["Vary"].split(", "))


def test_only_this_site_may_post(app: Flask) -> None:
    post = FlaskClient(app, app.response_class).post
    form = {"locale": "en"}
    assert post("/language", data=form).status_code == 403
    assert post("/language", data=form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert post("/language", data=form, headers={"Sec-Fetch-Site": "same-site"}).status_code == 403
    assert post("/language", data=form, headers={"Origin": "http://evil.example"}).status_code == 403
    assert post("/language", data=form, headers={"Origin": "null"}).status_code == 403
    cross = {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}
    assert post("/language", data=form, headers=cross).status_code == 403
    assert post("/language", data=form, headers={"Origin": "http://localhost"}).status_code == 303
    assert post("/language", data=form, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303


def test_errors_are_pages_fragments_or_problems(client: FlaskClient) -> None:
    whole = client.get("/nowhere")
    assert whole.status_code == 404
    assert "<!doctype html>" in whole.get_data(as_text=True)
    fragment = client.get("/nowhere", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<!doctype" not in fragment
    assert 'role="alert"' in fragment
    problem = client.get("/nowhere", headers={"Accept": "application/json"})
    assert problem.mimetype == "application/problem+json"
    assert json.loads(problem.data)["code"] == "http_404"
    refused = client.delete("/healthz")
    assert refused.status_code == 405
    assert "GET" in refused.headers["Allow"]


def test_pages_travel_small(client: FlaskClient) -> None:
    plain = client.get("/offline").data
    zipped = client.get("/offline", headers={"Accept-Encoding": "gzip"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain
    assert (
        client.get("/offline", headers={"Accept-Encoding": "gzip, zstd"}).headers["Content-Encoding"]
        == "zstd"
    )


def test_static_files_are_kept_for_ever(client: FlaskClient, app: Flask) -> None:
    build = app.config["BUILD"]
    sheet = client.get(f"/static/{build}/css/app.css")
    assert sheet.status_code == 200
    assert "immutable" in sheet.headers["Cache-Control"]
    assert client.get("/static/other/css/app.css").status_code == 404


def test_the_worker_carries_the_build_and_is_never_kept(client: FlaskClient, app: Flask) -> None:
    worker = client.get("/sw.js")
    text = worker.get_data(as_text=True)
    assert worker.headers["Cache-Control"] == "no-cache"
    assert app.config["BUILD"] in text
    assert "__BUILD__" not in text
    assert "__PRECACHE__" not in text


def test_the_manifest_installs(client: FlaskClient) -> None:
    manifest = json.loads(client.get("/manifest.webmanifest").data)
    assert manifest["display"] == "standalone"
    assert {icon["sizes"] for icon in manifest["icons"]} >= {"192x192", "512x512"}
    for icon in manifest["icons"]:
        assert client.get(icon["src"]).status_code == 200


def test_health(client: FlaskClient) -> None:
    assert client.get("/healthz").data == b"ok\n"
    assert client.get("/readyz").status_code == 200
