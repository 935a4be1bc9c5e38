"""What the door, the scanner and the owner's desk post."""

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from o2o.checkin.rules import KEY_LENGTH, LABEL_LENGTH
from o2o.kernel.db import new_id
from o2o.kernel.errors import BadInput
from o2o.kernel.forms import Form, OnceForm
from o2o.kernel.words import N_

# The longest code a camera may hand over: a QR holds more, but nothing of this town does.
SCANNED_LENGTH = 300


class ArriveForm(Form):
    """A press of the one button: its own number, how far the phone says it is, and when an offline one was made."""

    key = HiddenField(default=new_id)
    bucket = HiddenField(default="none")
    claimed_at = HiddenField()

    def checked(self) -> str:
        """Return the press's number; BadInput when it is none."""
        key = (self.key.data or "").strip()
        if not 1 <= len(key) <= KEY_LENGTH or not key.isascii() or not key.isprintable():
            raise BadInput("bad_key", N_("This form is damaged. Please reload the page and try again."))
        return str(key)

    def claimed(self) -> datetime | None:
        """Read what the phone says of its clock, ISO 8601 with a zone; None for anything else: it decides nothing."""
        try:
            moment = datetime.fromisoformat((self.claimed_at.data or "").strip())
            return None if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            return None


class CodeForm(Form):
    """What the camera read, or what somebody typed."""

    code = StringField(
        _l("Code on the poster"),
        validators=[
            InputRequired(_l("Scan a poster, or type its code.")),
            Length(max=SCANNED_LENGTH, message=_l("That is not a check-in code of this town.")),
        ],
    )


class PosterForm(OnceForm):
    """Where a new poster hangs."""

    label = StringField(
        _l("Where will it hang?"),
        validators=[
            DataRequired(_l("Say where it will hang.")),
            Length(max=LABEL_LENGTH, message=_l("Keep this within %(max)d characters.")),
        ],
        filters=[lambda text: text and text.strip()],
    )
