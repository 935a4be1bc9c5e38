"""A test client that behaves like a browser and inspects every page it gets."""

from collections import Counter
from html.parser import HTMLParser
from typing import Any

from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Page(HTMLParser):
    """Collect what every page must get right."""

    def __init__(self, body: str) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: Counter[str] = Counter()
        self.faults: list[str] = []
        self.texts: dict[str, str] = {"title": "", "h1": ""}
        self.headings = 0
        self.open: list[str] = []
        self.feed(body)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get("id"):
            self.ids[str(values["id"])] += 1
        if tag == "style" or "style" in values:
            self.faults.append(f"inline style on <{tag}>")
        if tag == "script" and "src" not in values and "json" not in str(values.get("type")):
            self.faults.append("inline script")
        self.faults += [f"{name} on <{tag}>" for name in values if name.startswith("on")]
        if tag == "form" and values.get("method", "get").lower() == "get" and "hx-post" in values:
            self.faults.append("a form that posts only with JavaScript")
        if tag == "h1":
            self.headings += 1
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if tag not in self.open:
            self.faults.append(f"</{tag}> closes nothing")
            return
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.open and "svg" not in self.open:
            for name in self.texts:
                if name in self.open:
                    self.texts[name] += data


def inspect(body: str) -> None:
    """Fail on duplicate ids, inline script or style, a missing h1, or a title that is not the h1's."""
    page = Page(body)
    faults = page.faults + [f"id {name} {count} times" for name, count in page.ids.items() if count > 1]
    if body.lstrip().lower().startswith("<!doctype"):
        if page.headings != 1:
            faults.append(f"{page.headings} h1 headings")
        heading = " ".join(page.texts["h1"].split())
        if heading and heading not in " ".join(page.texts["title"].split()):
            faults.append(f"title {page.texts['title']!r} does not name the h1 {heading!r}")
    assert not faults, faults


class Visitor(FlaskClient):
    """Send what a browser sends from the site's own pages; check the pages that come back."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if has_app_context():
            # Tests hold one app context over many requests; a server gives each request its own.
            for name in [name for name in g if not name.startswith("_sqlalchemy")]:
                g.pop(name)
        headers = dict(kwargs.pop("headers", None) or {})
        headers.setdefault("Sec-Fetch-Site", "same-origin")
        headers.setdefault("Accept-Language", "en")
        headers.setdefault("Accept", "text/html")
        response = super().open(*args, headers=headers, **kwargs)
        if response.mimetype == "text/html" and response.data and "Content-Encoding" not in response.headers:
            inspect(response.get_data(as_text=True))
        return response

    def sign_in(self, handle: str) -> None:
        """Sign in through the public door: a one-time link for an account that is made when missing."""
        from o2o.accounts import queries, rules
        from o2o.kernel.db import begin_write, db

        begin_write()
        account = queries.account_by_handle(db.session, handle)
        if account is None:
            account = rules.create_account(db.session, handle=handle, operator=handle.startswith("operator"))
        token = rules.make_sign_in_link(db.session, account_id=account.id)
        db.session.commit()
        answer = self.post(f"/sign-in/{token}")
        assert answer.status_code == 303, answer.get_data(as_text=True)


def visitor(app: Flask, handle: str = "") -> Visitor:
    """Give somebody with a browser of their own, signed in when named."""
    found = Visitor(app, app.response_class)
    if handle:
        found.sign_in(handle)
    return found
