"""What the operator types about claims."""

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField

from o2o.kernel.errors import BadInput
from o2o.kernel.forms import Form
from o2o.kernel.words import N_

MOST_PAGES = 1000


class DecideForm(Form):
    """A decision on a line or a claim: which button, on what was seen, and why."""

    do = HiddenField()
    seen = HiddenField()
    reason = TextAreaField(_l("Reason"))


def page_number() -> int:
    """Read which page is asked for; BadInput when it is none."""
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST_PAGES):
        raise BadInput("bad_page", N_("There is no such page. Start again from the first one."))
    return int(text)
