"""What the operator types about a guide."""

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from o2o.guides.rules import LONGEST_NOTE, Texts
from o2o.kernel.errors import BadInput
from o2o.kernel.forms import Form, OnceForm
from o2o.kernel.words import N_

BOTH = _("Give the guide a title in both languages.")


def stripped(value: str | None) -> str:
    """Trim what was typed."""
    return (value or "").strip()


def within(most: int) -> Length:
    """Limit a text's length."""
    return Length(max=most, message=_("Keep this within %(max)d characters."))


class Versioned:
    """A form that knows which version of the guide the editor saw."""

    version: HiddenField

    def seen(self) -> int:
        """Return that version; BadInput when the form was damaged."""
        text = self.version.data or ""
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise BadInput("bad_version", N_("This form is damaged. Please reload the page and try again."))
        return int(text)


class GuideForm(Versioned, OnceForm):
    """A guide's titles and texts in both languages."""

    version = HiddenField(default="0")
    title_zh = StringField(
        _("Title in Chinese"), filters=[stripped], validators=[InputRequired(BOTH), within(80)]
    )
    title_en = StringField(
        _("Title in English"), filters=[stripped], validators=[InputRequired(BOTH), within(80)]
    )
    about_zh = TextAreaField(_("About it, in Chinese"), filters=[stripped], validators=[within(1000)])
    about_en = TextAreaField(_("About it, in English"), filters=[stripped], validators=[within(1000)])

    def texts(self) -> Texts:
        """Return what was typed."""
        return Texts(self.title_zh.data, self.title_en.data, self.about_zh.data, self.about_en.data)


class StopForm(Versioned, Form):
    """What a guide says of one shop."""

    version = HiddenField()
    note = StringField(_("Your line about it"), filters=[stripped], validators=[within(LONGEST_NOTE)])
    is_paid = BooleanField(_("This place was paid for: show it as an ad"))


class PressedForm(Versioned, Form):
    """A button that changes the guide, with the version the editor saw."""

    version = HiddenField()


class FindForm(Form):
    """Which shop to add."""

    q = StringField(_("Name"), filters=[stripped], validators=[within(80)])
