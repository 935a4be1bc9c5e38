"""What each kind of message says; untranslated here, worded for its reader when it is shown."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

from o2o.kernel.money import format_money
from o2o.kernel.words import N_


class Kind(NamedTuple):
    """A kind of message: icon, headline, the line below it, and the consent it needs ("" for receipts)."""

    icon: str
    title: str
    text: str
    purpose: str = ""


KINDS: dict[str, Kind] = {
    "order.paid": Kind(
        "receipt",
        N_("Receipt: %(title)s"),
        N_("%(quantity)s × bought, %(amount)s in all. It is in your wallet."),
    ),
    "order.returned": Kind(
        "refund",
        N_("Money on its way back: %(title)s"),
        N_("Your payment of %(amount)s came too late for the order, so it goes back to where it came from."),
    ),
    "pass.redeemed": Kind(
        "stamp", N_("Redeemed: %(title)s"), N_("%(quantity)s × at %(shop)s. Left on this pass: %(left)s.")
    ),
    "pass.redeemed_at_till": Kind(
        "stamp",
        N_("Redeemed: %(title)s"),
        N_("Used %(when)s, till %(till)s: %(quantity)s × at %(shop)s. Left on this pass: %(left)s."),
    ),
    "pass.annulled": Kind(
        "undo",
        N_("Taken back: %(title)s"),
        N_("%(shop)s took the redemption back, so it counts again. Left on this pass: %(left)s."),
    ),
    "visit.confirmed": Kind(
        "check",
        N_("Confirmed: you were at %(shop)s"),
        N_("Staff confirmed your visit. A review of it counts now."),
    ),
    "refund.requested": Kind(
        "refund",
        N_("Refund requested: %(title)s"),
        N_("%(amount)s goes back to where the payment came from."),
    ),
    "refund.paid": Kind(
        "refund",
        N_("Refund paid: %(title)s"),
        N_("%(amount)s is on its way. Banks may take a few days to show it."),
    ),
    "refund.changed": Kind(
        "refund",
        N_("Refund changed: %(title)s"),
        N_("A till's list of uses came in late. %(amount)s goes back now, for %(uses)s unused."),
    ),
    "refund.withdrawn": Kind(
        "refund",
        N_("No refund: %(title)s"),
        N_("It had been used at a till before you asked for the money back."),
    ),
    "pass.expired": Kind("clock", N_("Expired: %(title)s"), N_("It can no longer be used at %(shop)s.")),
    "review.asked": Kind(
        "stamp",
        N_("How was it? %(title)s"),
        N_("Tell others in a minute what you got. You asked to be asked; one tap at “Me” ends it."),
        "asks",
    ),
    "review.replied": Kind(
        "store", N_("%(shop)s replied to your review"), N_("Read what they say."), "replies"
    ),
    "review.hidden": Kind(
        "info",
        N_("Your review of %(shop)s is hidden"),
        N_("Whoever runs this town hid it. The reason stands there."),
    ),
    "review.shown": Kind(
        "check",
        N_("Your review of %(shop)s is back"),
        N_("Everybody can read it again, and it counts as before."),
    ),
    "report.upheld": Kind(
        "flag", N_("You were right about %(shop)s"), N_("Thank you. Read what was decided.")
    ),
    "report.dismissed": Kind(
        "flag", N_("Your report about %(shop)s was read"), N_("It was decided otherwise. Read why.")
    ),
    "till.asked": Kind(
        "device",
        N_("A phone asks to become a till of %(shop)s"),
        N_("%(name)s: let it in only if you know it."),
    ),
    "conflict.opened": Kind(
        "alert",
        N_("Two tills took one pass: %(title)s"),
        N_("Used %(won)s. Another use, %(at)s, was not counted. Read why and who bears it."),
    ),
    "conflict.alone": Kind(
        "alert",
        N_("Please look at a use: %(title)s"),
        N_("It was taken %(at)s, and is not paid as it stands. Read why and who bears it."),
    ),
    "conflict.told": Kind(
        "info",
        N_("Used %(won)s: %(title)s"),
        N_("Another use, %(at)s, was not counted. Nothing more was taken from your pass."),
    ),
    "conflict.uncounted": Kind(
        "info",
        N_("A use was not counted: %(title)s"),
        N_("It was taken %(at)s. Nothing was taken from your pass for it."),
    ),
    "strike.given": Kind(
        "flag",
        N_("Shown twice: %(title)s"),
        N_("Used %(won)s, and shown again %(at)s. That is a strike; if it is wrong, say so here."),
    ),
    "strike.upheld": Kind("scale", N_("Your strike stays"), N_("A person looked at it. Read why.")),
    "strike.lifted": Kind("check", N_("Your strike is lifted"), N_("A person looked at it. Read why.")),
    "sanction.warn": Kind(
        "shield",
        N_("%(shop)s got a warning"),
        N_("Nothing stops. Read which rule, what shows it, and how to object."),
    ),
    "sanction.limit": Kind(
        "shield",
        N_("%(shop)s is limited"),
        N_("No new or changed offers for now. Read why, until when, and how to object."),
    ),
    "sanction.suspend": Kind(
        "shield",
        N_("%(shop)s is suspended"),
        N_("Nothing is sold now; please go on taking the passes that were. Read why and how to object."),
    ),
    "sanction.delist": Kind(
        "shield",
        N_("%(shop)s is no longer listed"),
        N_("Open passes are paid back by themselves. Read why and how to object."),
    ),
    "sanction.upheld": Kind(
        "scale", N_("%(shop)s: the sanction stays"), N_("Somebody read your objection. Read the answer.")
    ),
    "sanction.lifted": Kind("check", N_("%(shop)s: a sanction is lifted"), N_("Read what was decided.")),
    "sanction.over": Kind("check", N_("%(shop)s: a sanction is over"), N_("Its days have passed.")),
    "shop.suspend": Kind(
        "info",
        N_("%(shop)s sells nothing at the moment"),
        N_(
            "Your passes stay good there. If you would rather have the money back, any pass's page does it now."
        ),
    ),
    "shop.delist": Kind(
        "refund",
        N_("%(shop)s is no longer listed"),
        N_("What you have not used there is paid back by itself. You need not do anything."),
    ),
    "claim.next": Kind(
        "store", N_("Your turn: %(shop)s"), N_("The claim before yours has ended. Hand in what is asked for.")
    ),
    "claim.returned": Kind(
        "edit",
        N_("%(shop)s: please look again"),
        N_("Some lines need another look; the reasons stand there."),
    ),
    "claim.rejected": Kind(
        "info", N_("%(shop)s was not admitted"), N_("Read why. You can try again once that is settled.")
    ),
    "claim.taken": Kind(
        "info",
        N_("%(shop)s has its owner now"),
        N_("Your own claim has ended. If that is wrong, tell us there."),
    ),
    "claim.lapsing": Kind(
        "clock",
        N_("Your claim of %(shop)s ends soon"),
        N_("Hand something in by %(day)s, and it stays yours."),
    ),
    "claim.lapsed": Kind(
        "clock",
        N_("Your claim of %(shop)s has ended"),
        N_("Nobody touched it for 30 days. You can begin again at any time."),
    ),
    "papers.asked": Kind(
        "edit",
        N_("%(shop)s: something new is asked of you"),
        N_("Please answer by %(day)s, so that sales go on."),
    ),
    "papers.soon": Kind(
        "clock",
        N_("%(shop)s: a paper ends on %(day)s"),
        N_("Renew it before, so that sales go on. Vouchers already sold stay good."),
    ),
    "papers.over": Kind(
        "alert",
        N_("%(shop)s has stopped selling"),
        N_(
            "A paper or a deadline ended on %(day)s. Answer it to sell again; vouchers already sold stay good."
        ),
    ),
    "shop.closing": Kind(
        "store",
        N_("%(shop)s is closing"),
        N_("Use your vouchers there until %(day)s. What is left then is refunded by itself."),
    ),
    "shop.stays": Kind(
        "store", N_("%(shop)s stays after all"), N_("It had announced its closing. Your vouchers are good.")
    ),
    "shop.closed": Kind(
        "store",
        N_("%(shop)s has closed"),
        N_("Whatever you had not used there is refunded. Thank you for having been a guest."),
    ),
    "role.owner": Kind(
        "store", N_("%(shop)s is yours to keep"), N_("Edit the shop, publish offers, invite staff.")
    ),
    "role.manager": Kind(
        "store", N_("You run %(shop)s now"), N_("Edit the shop, publish offers, see the guests.")
    ),
    "role.staff": Kind(
        "users", N_("You work at %(shop)s now"), N_("Open the till to redeem what guests show you.")
    ),
    "door.passkey": Kind(
        "key",
        N_("A new passkey opens your account"),
        N_("If that was not you, remove it here and sign all other devices out."),
    ),
    "door.key": Kind(
        "key",
        N_("A new recovery key opens your account"),
        N_("If that was not you, make another one here and sign all other devices out."),
    ),
    "payout.changed": Kind(
        "card",
        N_("The payout account of %(shop)s was changed"),
        N_("If it was not one of you, put it right and end that person's work at once."),
    ),
}
# A message from a newer version of the house, met after a step back.
UNKNOWN = Kind("bell", N_("News about your account"), N_("Open it to see what happened."))


def kind_of(name: str) -> Kind:
    """Return what messages of this kind say."""
    return KINDS.get(name, UNKNOWN)


def worded(values: Mapping[str, Any], locale: str) -> defaultdict[str, str]:
    """Word a message's values for its reader; what an old message lacks is left out of the sentence."""
    words: defaultdict[str, str] = defaultdict(str, {name: str(value) for name, value in values.items()})
    if values.get("amount") is not None and values.get("currency"):
        words["amount"] = format_money(int(values["amount"]), str(values["currency"]), locale)
    own = values.get("shop_zh" if locale.startswith("zh") else "shop_en")
    if own:
        words["shop"] = str(own)
    return words
