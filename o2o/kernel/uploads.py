"""Files in forms: closed by default, opened by a view after its policy, measured while they stream in."""

import logging
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from flask import Flask, Request, request
from werkzeug.exceptions import BadRequest
from werkzeug.formparser import FormDataParser

from o2o.kernel.errors import Busy, RuleBroken
from o2o.kernel.words import N_

log = logging.getLogger("o2o.uploads")
WORDS = 256 * 1024  # bytes beside the files: the fields of the form and the headers of its parts
PARTS = 200
# So much is read past, not kept, for the sake of the words beside a file that is too large.
READ_PAST = 24 * 1024 * 1024
IN_MEMORY = 512 * 1024


class Part(SpooledTemporaryFile[bytes]):
    """One file on its way in: what goes beyond `limit` bytes is dropped, not kept; it never has a name on disk."""

    def __init__(self, limit: int) -> None:
        super().__init__(max_size=IN_MEMORY)
        self.limit = limit
        self.size = 0
        self.is_lost = False

    @property
    def is_too_large(self) -> bool:
        """Tell whether more came than the limit."""
        return self.size > self.limit

    def write(self, data: Any) -> int:
        """Keep the next bytes unless the file is too large already, or the disk is full."""
        fits = not self.is_too_large
        self.size += len(data)
        try:
            if not self.is_too_large and not self.is_lost:
                super().write(data)
            elif fits:
                self.seek(0)
                self.truncate()
        except OSError as error:
            log.error("an upload could not be kept: %s", error)
            self.is_lost = True
        return len(data)


class StrictParser(FormDataParser):
    """A parser that says when a form is damaged instead of taking it for an empty one."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        """Parse the body; raise BadRequest when it is not what it claims to be."""
        self.silent = False
        try:
            return super().parse(*args, **kwargs)
        except ValueError as error:
            raise BadRequest(str(error)) from error


class Sending(Request):
    """A request whose files are refused unless take() opened it."""

    most = 0
    each = 0
    seen = 0

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if not self.most:
            return BytesIO()
        # Browsers send an empty nameless part for a field nobody filled.
        self.seen += bool(filename)
        return cast(IO[bytes], Part(self.each if self.seen <= self.most else 0))


def take(*, most: int, each: int) -> None:
    """Let this request carry `most` files of `each` bytes; call it first in a view, when the policy has passed.

    Until then the body is not read at all. A body that announces more than that (and than READ_PAST) is refused
    unread (413); a file that is too large is dropped as it comes in, so that the rest of the form is not lost.
    """
    here = cast(Sending, request)
    if "form" in here.__dict__:
        raise RuntimeError("the form was read before take()")
    here.most, here.each = most, each
    here.max_content_length = max(most * each, READ_PAST) + WORDS
    here.max_form_parts = PARTS
    here.form_data_parser_class = StrictParser


def sent(name: str) -> list[Part]:
    """Return the files of a field, at their start; none where nobody chose one.

    Raises RuleBroken with `field`: too_many (422) or too_large (413); Busy when the disk is full.
    """
    here = cast(Sending, request)
    parts = [cast(Part, file.stream) for file in here.files.getlist(name) if file.filename]
    if here.seen > here.most:
        raise RuleBroken(
            "too_many", N_("Send at most %(most)s photos."), status=422, field=name, most=here.most
        )
    if any(part.is_lost for part in parts):
        raise Busy
    if any(part.is_too_large for part in parts):
        raise RuleBroken(
            "too_large",
            N_("A photo is larger than %(most)s MB. Send it smaller."),
            status=413,
            field=name,
            most=here.each // (1024 * 1024),
        )
    return parts


def init_uploads(app: Flask) -> None:
    """Measure the files of every request."""
    app.request_class = Sending
