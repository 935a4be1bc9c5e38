"""A person at a browser without scripts: follows links, fills in the forms that the page has, reads the answers."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.visitor import Visitor


@dataclass
class Filled:
    """A form as the page shows it: where it goes, and what its fields hold."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class Forms(HTMLParser):
    """Read a page's POST forms with their values, as a browser would send them."""

    def __init__(self, body: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Filled] = []
        self.links: list[str] = []
        self.inside: Filled | None = None
        self.select = self.area = ""
        self.feed(body)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag == "form" and values.get("method", "").lower() == "post":
            self.inside = Filled(values.get("action", ""))
            self.found.append(self.inside)
        if self.inside is None:
            return
        name = values.get("name", "")
        if tag == "input" and name:
            if values.get("type") not in ("checkbox", "radio") or "checked" in values:
                self.inside.fields.setdefault(name, []).append(values.get("value", "on"))
        elif tag == "textarea":
            self.area = name
            self.inside.fields[name] = [""]
        elif tag == "select":
            self.select = name
        elif (
            tag == "option"
            and self.select
            and ("selected" in values or self.select not in self.inside.fields)
        ):
            self.inside.fields[self.select] = [values.get("value", "")]

    def handle_data(self, data: str) -> None:
        if self.area and self.inside is not None:
            self.inside.fields[self.area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.area = ""


class Person(Visitor):
    """Somebody with a handle and a language."""

    def __init__(self, app: Flask, handle: str, language: str) -> None:
        super().__init__(app, app.response_class)
        self.language = language
        self.handle = handle
        self.here = ""
        self.sign_in(handle)

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        headers = {"Accept-Language": self.language, **(kwargs.pop("headers", None) or {})}
        return super().open(*args, headers=headers, **kwargs)

    def go(self, address: str) -> str:
        """Open an address, follow where it leads, return the page."""
        return self._land(self.get(address), address)

    def press(self, action: str, **typed: Any) -> str:
        """Send the form of the page at `here` that goes to `action`, filled in; return the page it leads to."""
        forms = Forms(self.body).found
        form = next((one for one in forms if (one.action or self.here) == action), None)
        assert form is not None, f"{self.here} has no form to {action}: {[one.action for one in forms]}"
        return self._land(self.post(action, data={**form.fields, **typed}), action)

    def link(self, start: str) -> str:
        """Return the first link of the page that starts so."""
        found = [link for link in Forms(self.body).links if link.startswith(start)]
        assert found, f"{self.here} has no link to {start}"
        return found[0]

    def _land(self, answer: TestResponse, address: str) -> str:
        while answer.status_code in (302, 303):
            address = answer.location
            answer = self.get(address)
        self.here, self.status = address, answer.status_code
        self.body = answer.get_data(as_text=True)
        return self.body
