"""The registry in words: what the town knows of a person, why, and what becomes of it on leaving."""

from typing import NamedTuple

from o2o.accounts.registry import HELD, PII
from o2o.kernel.words import N_


class Known(NamedTuple):
    """One line of "what we know of you": icon, thing, what it is for, and the tables it counts."""

    icon: str
    title: str
    text: str
    tables: tuple[str, ...]

    @property
    def goes(self) -> bool:
        """Tell whether erasing the account deletes it; what stays is a bare number's."""
        return all(HELD[name].kind == PII for name in self.tables)


KNOWN: tuple[Known, ...] = (
    Known("key", N_("Passkeys"), N_("The public half of each; your phone keeps the other."), ("passkey",)),
    Known(
        "shield",
        N_("Recovery keys, codes and links"),
        N_("Only fingerprints of them: we cannot read them ourselves."),
        ("recovery_key", "recovery_code", "sign_in_link", "challenge", "till_pin"),
    ),
    Known(
        "device",
        N_("Devices"),
        N_("Kind of browser, since when, last active to ten minutes; no address of yours."),
        ("login", "device_login"),
    ),
    Known(
        "key",
        N_("Keys of your phones"),
        N_("The public half of each, so that a pass opens on your own phone alone."),
        ("device_key",),
    ),
    Known("inbox", N_("Messages"), N_("Receipts and news in your inbox."), ("message",)),
    Known("check", N_("Consents"), N_("What you said yes to, and when you took it back."), ("consent",)),
    Known(
        "receipt",
        N_("Purchases and passes"),
        N_("What you bought, what you paid, what came back."),
        ("purchase", "purchase_pass", "pass", "pass_form", "refund"),
    ),
    Known(
        "flag",
        N_("Strikes"),
        N_("When one pass was shown twice: the evidence, and your words until you leave."),
        ("strike", "conflict", "cover"),
    ),
    Known(
        "stamp",
        N_("Visits"),
        N_("Shop, time, and if you allowed it how near you were in three steps; never coordinates."),
        ("visit",),
    ),
    Known(
        "clock",
        N_("Last visit per shop"),
        N_("So that one visit is not counted twice."),
        ("last_visit",),
    ),
    Known("edit", N_("Reviews"), N_("Public, under a name that only fits that one shop."), ("review",)),
    Known("stamp", N_("Answers"), N_("Whether you got what was advertised."), ("answer",)),
    Known("inbox", N_("Private lines"), N_("Read by the shop you wrote to."), ("line",)),
    Known(
        "camera",
        N_("Photos"),
        N_("Without place, time and camera: we take those out before keeping them."),
        ("photo", "review_photo"),
    ),
    Known(
        "users",
        N_("A guest's card at shops"),
        N_("When you first and last came, what staff noted, and a contact if you gave one."),
        ("guest", "guest_note"),
    ),
    Known("search", N_("Who looked"), N_("Each time somebody of a shop looked at your card."), ("look",)),
    Known("alert", N_("Reports"), N_("What you told whoever runs this town."), ("report",)),
    Known(
        "store",
        N_("Your work at shops"),
        N_("Roles, invitations, what you scanned. What you said in a shop's name stays the shop's."),
        (
            "role",
            "invite",
            "redemption",
            "scan",
            "reply",
            "till",
            "till_entry",
            "claim",
            "offline_rules",
            "act",
            "menu_import",
            "shop_group",
            "closing",
        ),
    ),
    Known("camera", N_("Pictures of shops"), N_("Those you sent for a shop's page."), ("picture",)),
    Known(
        "check",
        N_("Your way to a shop"),
        N_("What you handed in to become its owner, and what was decided."),
        ("shop_claim", "submission", "sanction", "merchant_terms"),
    ),
    Known(
        "card",
        N_("Payout account of a shop"),
        N_("Locked away; only the last digits are shown."),
        ("payout",),
    ),
    Known("user", N_("The account itself"), N_("A number and the day it was made."), ("account",)),
)
