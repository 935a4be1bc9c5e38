"""What a rule or a getter raises: a machine code, a sentence for the visitor, a status."""

from typing import Any

from o2o.kernel.words import N_


class Refusal(Exception):
    """Refuse a request with a code for machines and a translatable sentence that says what to do next."""

    status = 409

    def __init__(self, code: str, sentence: str, *, status: int | None = None, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.params = params
        if status is not None:
            self.status = status


class RuleBroken(Refusal):
    """A rule of the business says no (409 unless told otherwise)."""


class BadInput(Refusal):
    """What was sent cannot be understood (400), or is understood and not acceptable (422)."""

    status = 400


class NotAllowed(Refusal):
    """The thing is missing or belongs to somebody else; both look alike from outside (404)."""

    status = 404

    def __init__(self, sentence: str = N_("We could not find that, or it is not yours to see.")) -> None:
        super().__init__("not_found", sentence)


class Busy(Refusal):
    """The storage is busy or full for the moment (503, with Retry-After)."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            "busy", N_("The town is very busy right now. Nothing was lost: please try again in a moment.")
        )
