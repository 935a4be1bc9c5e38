"""The written rule: from a cause and its evidence, who bears a use that was not counted, and what follows.

Pure data and one pure function; the public page, the owner's page and the code read the same rows.
"""

from typing import Final, NamedTuple

from o2o.kernel.words import N_

# Minor units of the shop's currency that the platform pays a shop, once per holder in all.
COVER_CAP: Final = 5000
# So often in so many days to one shop: a shop that is shown passes twice more often should look at its tills.
COVERS_PER_SHOP: Final = 5
COVER_DAYS: Final = 30


class Rule(NamedTuple):
    """One row of the rule: `case` tells rows of one cause apart, the texts are for people, untranslated."""

    cause: str
    case: str
    bears: str
    name: str
    evidence: str
    follows: str


# In the order in which the fold tries the causes: the first that fits holds.
RULES: Final = (
    Rule(
        "same_scan", "", "nobody",
        N_("One showing, scanned twice"),
        N_("The same till scanned the same 30-second code of the same phone again."),
        N_("It counts as one use. Nobody loses anything."),
    ),
    Rule(
        "late_claim", "", "shop",
        N_("Sent too late"),
        N_("The till sent this use more than 72 hours after it was taken, or when others had been final."),
        N_("What is final stays. The shop bears what its till kept unsent."),
    ),
    Rule(
        "after_refund", "excused", "platform",
        N_("Shown after the refund, and the till could not know"),
        N_("The code is newer than the refund. The till's list was older than the refund, but at most 24 hours old."),
        N_("Once settled, the platform pays the shop up to the cap. The refund stays."),
    ),
    Rule(
        "after_refund", "knew", "shop",
        N_("Shown after the refund"),
        N_("The code is newer than the refund; the till's list knew of it, or was older than 24 hours."),
        N_("The shop bears it. The refund stays."),
    ),
    Rule(
        "stale_proof", "held", "nobody",
        N_("Held: the times disagree"),
        N_("The code's time and the till's time disagree, or the same code came in again much later."),
        N_("The use is taken and its money is held. A person at the platform pays the shop or gives the use back."),
    ),
    Rule(
        "stale_proof", "lost", "shop",
        N_("Not counted: the times disagree"),
        N_("The times of code and till disagree, or one till took more than it had counted; no use was left for it."),
        N_("The shop is not paid for it and bears what it handed out. The guest did nothing wrong."),
    ),
    Rule(
        "two_phones", "", "review",
        N_("Old phone and new phone"),
        N_("The pass was moved to another phone, and both its old and its new form were taken."),
        N_("A person at the platform decides: the platform pays the shop up to the cap, or the shop bears it."),
    ),
    Rule(
        "copy_possible", "", "shop",
        N_("A copy is possible"),
        N_("At least one of the two was a printed or typed code, which no phone's key proves."),
        N_("The shop bears it: it allowed its tills to take such codes offline, and was told so when it did."),
    ),
    Rule(
        "one_showing_two_tills", "", "shop",
        N_("One showing, two tills"),
        N_("Two tills of the shop took codes that the same phone showed within 90 seconds."),
        N_("One use counts and is paid. What was handed out twice, the shop bears; the guest did nothing wrong."),
    ),
    Rule(
        "presented_twice", "", "holder",
        N_("Shown twice, minutes apart"),
        N_("The key of one phone signed two codes, more than 90 seconds apart, for the same use at two tills."),
        N_("The holder gets a strike and can dispute it. Once settled, the platform pays the shop up to the cap."),
    ),
)  # fmt: skip

BEARERS: Final = {
    "shop": N_("The shop"),
    "holder": N_("The holder"),
    "platform": N_("The platform"),
    "nobody": N_("Nobody"),
    "review": N_("Decided by a person"),
}
# For whose conflicts the platform pays the shop; `review` only where a person decided so.
COVERED: Final = ("presented_twice", "after_refund", "two_phones")


def rule_of(cause: str, *, held: bool = False, excused: bool = False) -> Rule:
    """Return the row for a cause; `held` is a use that is taken and unpaid, `excused` what list_excuses says.

    Raises LookupError for a cause that the rule does not know.
    """
    case = {
        "stale_proof": "held" if held else "lost",
        "after_refund": "excused" if excused else "knew",
    }.get(cause, "")
    for rule in RULES:
        if (rule.cause, rule.case) == (cause, case):
            return rule
    raise LookupError(cause)


def rule_for(cause: str, bears: str) -> Rule:
    """Return the row that a stored conflict was made by; after a decision the cause's first one."""
    rows = [rule for rule in RULES if rule.cause == cause]
    return next((rule for rule in rows if rule.bears == bears), rows[0])


def waits(cause: str, bears: str) -> bool:
    """Tell whether a person has to decide first."""
    return bears == "review" or (cause == "stale_proof" and bears == "nobody")


def is_covered(cause: str, bears: str) -> bool:
    """Tell whether the platform pays the shop when it is settled."""
    return cause in COVERED and bears in ("holder", "platform")
