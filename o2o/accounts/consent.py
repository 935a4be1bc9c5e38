"""What a person may agree to, in plain words; everything else is either needed for the thing itself or not done."""

from typing import NamedTuple

from o2o.kernel.words import N_


class Purpose(NamedTuple):
    """One thing we do only with a yes: icon, title, what it means."""

    icon: str
    title: str
    text: str


PURPOSES: dict[str, Purpose] = {
    "asks": Purpose(
        "stamp",
        N_("Ask me how it was"),
        N_("After a visit one line in your inbox asks whether it was as advertised. Nothing else is sent."),
    ),
    "replies": Purpose(
        "bell",
        N_("Tell me when a shop replies"),
        N_("When a shop answers your review, a line in your inbox says so."),
    ),
}
