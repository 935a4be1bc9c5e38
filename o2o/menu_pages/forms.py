"""What a shop's people type and photograph of a paper menu."""

from flask_babel import lazy_gettext as _
from wtforms import MultipleFileField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, DataRequired, Length

from o2o.kernel.forms import Form, OnceForm, stripped

LONGEST_TEXT = 20_000


class PagesForm(OnceForm):
    """Photos of pages, several at once."""

    photos = MultipleFileField(_("Photos"))


class TextForm(Form):
    """A menu as a text, and what becomes of the lines that it does not name."""

    text = TextAreaField(
        _("One dish a line, its price at the end"),
        filters=[stripped],
        validators=[
            DataRequired(_("Please write it here.")),
            Length(max=LONGEST_TEXT, message=_("Keep this within %(max)d characters.")),
        ],
    )
    mode = RadioField(
        _("Lines that are not written here"),
        choices=[SelectChoice("add", _("stay")), SelectChoice("replace", _("are taken off the menu"))],
        default="add",
        validate_choice=False,
        validators=[AnyOf(["add", "replace"])],
    )
