"""What people answer to a line of the checklist."""

from datetime import date

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, MultipleFileField, StringField
from wtforms.validators import Length, Optional

from o2o.kernel.dates import Day
from o2o.kernel.forms import OnceForm, stripped
from o2o.papers.answers import LONGEST

TOO_LONG = _("Keep this within %(max)d characters.")


class AnswerForm(OnceForm):
    """An answer to one line of the checklist; which of these it asks for, the line knows."""

    text = StringField(filters=[stripped], validators=[Length(max=LONGEST, message=TOO_LONG)])
    photos = MultipleFileField()
    expires_on = Day(validators=[Optional()])
    terms_version = HiddenField()

    def version(self) -> int | None:
        """Return the version of the terms that was read; None when the form does not say."""
        said = self.terms_version.data or ""
        return int(said) if said.isascii() and said.isdigit() and len(said) < 8 else None

    def day(self) -> date | None:
        """Return the last day of a paper."""
        found: date | None = self.expires_on.data
        return found
