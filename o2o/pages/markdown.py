"""Markdown to markup that fits a page: no HTML, no pictures, headings below the page's own."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

PLACEHOLDER = re.compile(r"\{(site_name|town|contact|address)\}")
# Chinese stands beside Latin with a space, beside Chinese without.
SPACED = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>&~])")
MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
WEB = re.compile(r"https?://[^\s<>()\[\]]+")
# Pictures would be loaded from strangers; the policy of the pages forbids them anyway.
_reader = MarkdownIt("commonmark", {"html": False}).disable("image")


class Words(NamedTuple):
    """A text ready to show: its own title ("" when it has none) and its body."""

    title: str
    body: Markup


def render(source: str, values: Mapping[str, str]) -> Words:
    """Render Markdown; a heading of the first level at the very start is the page's title.

    {site_name}, {town}, {contact} and {address} become their values; other braces stay as they are.
    """
    filled = PLACEHOLDER.sub(lambda found: written(values[found[1]]), source)
    tokens = _reader.parse(SPACED.sub("", filled))
    title = ""
    if len(tokens) > 1 and tokens[0].tag == "h1":
        title = plain(tokens[1])
        tokens = tokens[3:]
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, max(2, int(token.tag[1]) + (0 if title else 1)))}"
        for inner in token.children or []:
            if inner.type == "link_open" and not str(inner.attrGet("href")).startswith("/"):
                inner.attrSet("rel", "nofollow noopener")
    # The renderer escapes every text; html is off, so nothing of the source passes as markup.
    return Words(title, Markup(_reader.renderer.render(tokens, _reader.options, {})))  # noqa: S704


def plain(token: Token) -> str:
    """Give the bare text of a line."""
    return "".join(inner.content for inner in token.children or [])


def written(value: str) -> str:
    """Write a value so that Markdown takes it as text; a mail or web address becomes a link."""
    text = SPECIAL.sub(r"\\\1", value)
    if MAIL.fullmatch(value):
        return f"[{text}](<mailto:{value}>)"
    return f"[{text}](<{value}>)" if WEB.fullmatch(value) else text
