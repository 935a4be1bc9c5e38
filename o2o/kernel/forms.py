"""Forms: WTForms without tokens (see access), and posts that may be repeated without harm."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import request
from flask_babel import get_domain, gettext
from flask_wtf import FlaskForm
from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField

from o2o.kernel import clock
from o2o.kernel.db import Base, Instant, insert_ignore, new_id
from o2o.kernel.errors import BadInput, Refusal, RuleBroken
from o2o.kernel.locales import choose_locale
from o2o.kernel.words import N_

KEY_LENGTH = 64
# Control characters, and marks that turn the reading direction of what follows: nobody
# types them, PostgreSQL refuses the first, and the last make one text look like another.
UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# Whole texts of these show nothing: spaces, joiners, fillers. Between letters and in emoji they have their use.
BLANK = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]*"
)


def stripped(value: str | None) -> str:
    """Trim what was typed."""
    return (value or "").strip()


class Posted(Base):
    """A post that was carried out: its key, what it said, and where its answer is."""

    __tablename__ = "posted"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    location: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime] = mapped_column(Instant)


class Form(FlaskForm):  # type: ignore[misc]
    """The base of all forms; error sentences come in the visitor's language."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf = False

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Read form fields only: what a script posts as JSON is not a form. Leave out what nobody can see.

            A text that shows nothing at all is an empty one: a shop or a dish by that name could not be found.

            None asks for an empty form, also where one was just posted.
            """
            if formdata is not None and not isinstance(formdata, MultiDict):
                formdata = request.form if request.method == "POST" else None
            if formdata is None:
                return None
            return MultiDict((name, _seen(text)) for name, text in formdata.items(multi=True))

        @property
        def locales(self) -> list[str]:
            return ["zh" if choose_locale() == "zh_Hans" else "en"]

        def get_translations(self, form: Any) -> Any:
            return _Words()

    def refused(self, refusal: Refusal) -> None:
        """Show what a rule said beside the field it names; raise it again when it names none of this form."""
        field = self._fields.get(refusal.params.get("field"))
        if field is None:
            raise refusal
        field.errors = [*field.errors, gettext(refusal.sentence) % refusal.params]


def _seen(text: str) -> str:
    shown = UNSEEN.sub("", text)
    return shown if not BLANK.fullmatch(shown) or shown.isspace() else ""


class _Words:
    """Let WTForms' own sentences go through the project's catalogues."""

    def gettext(self, text: str) -> str:
        return str(gettext(text))

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        # Not flask_babel.ngettext: it fills the sentence in at once, and WTForms' values have other names.
        return str(get_domain().get_translations().ungettext(singular, plural, number))


class OnceForm(Form):
    """A form whose repetition must change nothing: it carries a key made with the page."""

    idempotency_key = HiddenField(default=new_id)


def posted_key() -> str | None:
    """Read the request's idempotency key; raise BadInput when it is no key at all."""
    key = request.form.get("idempotency_key", "").strip()
    if not key:
        return None
    if len(key) > KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise BadInput("bad_key", N_("This form is damaged. Please reload the page and try again."))
    return key


def once(session: Session, owner: str, key: str | None, content: Mapping[str, Any]) -> str | None:
    """Return where the answer of an earlier identical post is, or None when this is the first.

    Call inside the writing transaction. `owner` keeps people's keys apart. Same key with other content raises
    RuleBroken 409.
    """
    if key is None:
        return None
    row = session.get(Posted, f"{owner}:{key}")
    if row is None:
        return None
    if row.digest != _digest(content):
        raise RuleBroken(
            "key_reused", N_("This form was already sent with other content. Please reload the page.")
        )
    return row.location


def remember(
    session: Session, owner: str, key: str | None, content: Mapping[str, Any], location: str
) -> None:
    """Store where this post's answer is, in the caller's transaction."""
    if key is None:
        return
    row = {"key": f"{owner}:{key}", "digest": _digest(content), "location": location, "at": clock.now()}
    if not insert_ignore(session, Posted.__table__, row):  # type: ignore[arg-type]
        raise RuleBroken(
            "key_reused", N_("This form is being sent twice at once. Please look at the result first.")
        )


def _digest(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
