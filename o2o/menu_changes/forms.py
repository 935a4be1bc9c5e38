"""What a shop's people type and send about its menu."""

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _
from wtforms import FileField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, DataRequired, Length

from o2o.kernel import uploads
from o2o.kernel.errors import BadInput, RuleBroken
from o2o.kernel.forms import UNSEEN, Form, OnceForm
from o2o.kernel.money import AmountRefused, parse_money, plain_money
from o2o.kernel.words import N_
from o2o.menu_lines.faults import MOST_BYTES, refuse
from o2o.menu_lines.lines import LONGEST, Line, tidy

MONEY_WORDS = {
    "not_a_number": _("Give an amount such as 38 or 38.50."),
    "negative": _("An amount cannot be negative."),
    "too_precise": _("That has more decimals than the currency."),
    "too_large": _("That amount is too large."),
}


def within(field: str) -> Length:
    """Limit a text to what its column holds."""
    return Length(max=LONGEST[field], message=_("Keep this within %(max)d characters."))


def damaged() -> BadInput:
    """Refuse a form that no page of ours sent."""
    return BadInput("bad_form", N_("This form is damaged. Please reload the page and try again."))


class Versioned:
    """A form that knows which version of the menu the person saw."""

    version: HiddenField

    def seen(self) -> int:
        """Return that version; BadInput when the form was damaged."""
        text = self.version.data or ""
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise damaged()
        return int(text)


class LineForm(Versioned, OnceForm):
    """One line of the menu."""

    version = HiddenField(default="0")
    name = StringField(
        _("Name"), filters=[tidy], validators=[DataRequired(_("Write what it is called.")), within("name")]
    )
    name_en = StringField(_("Name in English"), filters=[tidy], validators=[within("name_en")])
    price = StringField(_("Price"), filters=[tidy])
    unit = StringField(_("Unit"), filters=[tidy], validators=[within("unit")])
    section = StringField(_("Section"), filters=[tidy], validators=[within("section")])
    note = TextAreaField(_("Note"), filters=[tidy], validators=[within("note")])

    def line(self, currency: str) -> Line | None:
        """Return the line, or None after marking what cannot be; an empty price is one to be asked for."""
        is_good = self.validate()
        price: int | None = None
        try:
            price = parse_money(self.price.data, currency) if self.price.data else None
        except AmountRefused as refusal:
            self.price.errors = [str(MONEY_WORDS.get(refusal.reason, MONEY_WORDS["not_a_number"]))]
            is_good = False
        if not is_good:
            return None
        texts = {name: getattr(self, name).data for name in LONGEST}
        return Line(**texts, price=price)


class PressedForm(Versioned, Form):
    """A button that changes the menu."""

    version = HiddenField()


class SectionForm(Versioned, Form):
    """A section and its new name."""

    version = HiddenField()
    section = HiddenField(filters=[tidy])
    name = StringField(_("Name"), filters=[tidy], validators=[within("section")])


class FileForm(Form):
    """A file with lines, and what becomes of those that it does not name."""

    file = FileField(_("File"))
    mode = RadioField(
        _("Lines that are not in the file"),
        choices=[SelectChoice("add", _("stay")), SelectChoice("replace", _("are taken off the menu"))],
        default="add",
        validate_choice=False,
        validators=[AnyOf(["add", "replace"])],
    )
    file_name = ""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        # Files come beside the form's fields, where no validator looks for them.
        self.file.flags.required = True

    def content(self) -> bytes:
        """Read the file that was sent; BadInput with field "file" where there is none, or one too large."""
        try:
            parts = uploads.sent("file")
        except RuleBroken as refusal:
            raise refuse("file_large" if refusal.code == "too_large" else "two_files") from refusal
        if not parts:
            raise refuse("no_file")
        self.file_name = plain_name(request.files["file"].filename or "")
        return parts[0].read(MOST_BYTES + 1)


def plain_name(name: str) -> str:
    """Take a file's name without folders and what nobody can see."""
    bare = tidy(UNSEEN.sub("", name).replace("\\", "/").rsplit("/", 1)[-1])
    return bare if len(bare) <= 120 else bare[:119] + "…"


def line_values(line: Any, currency: str) -> dict[str, Any]:
    """Return the form's values for a line that is there."""
    price = "" if line.price is None else plain_money(line.price, currency).removesuffix(".00")
    return {**{name: getattr(line, name) for name in LONGEST}, "price": price}
