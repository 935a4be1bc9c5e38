"""What a payment provider must be able to do, and which one this town uses."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, Protocol

from o2o.kernel.config import Settings
from o2o.kernel.errors import Refusal
from o2o.kernel.words import N_

Outcome = Literal["pending", "captured", "failed"]


class Opened(NamedTuple):
    """A payment the provider knows: its reference, and where the guest pays."""

    ref: str
    pay_url: str


class Word(NamedTuple):
    """What a verified notice says; `event_id` is the provider's own and unique."""

    provider: str
    event_id: str
    outcome: Outcome
    ref: str


class ProviderDown(Refusal):
    """The provider did not answer in time; whether it did what was asked is not known."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            "provider_down", N_("The bank is not answering. Please try again: you will not pay twice.")
        )


class Provider(Protocol):
    """An adapter; every method but `read_notice` calls outside and raises ProviderDown."""

    name: str

    def create(self, *, key: str, amount: int, currency: str, return_url: str) -> Opened:
        """Open a payment in minor units; the same key is the same payment."""

    def state(self, ref: str) -> Outcome:
        """Ask what became of a payment."""

    def refund(self, *, ref: str, key: str, amount: int) -> str:
        """Return money and give the refund's reference; the same key is the same refund."""

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Word:
        """Verify and read a webhook; raises BadInput (400) when it is forged, stale or damaged."""


def takes_money(settings: Settings) -> bool:
    """Tell whether priced offers can be bought: the sandbox sells nothing in production."""
    return settings.payments == "sandbox" and not settings.is_production
