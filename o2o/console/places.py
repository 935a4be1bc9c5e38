"""The places of a shop's desk: what each is for, and who may go there."""

from typing import NamedTuple

from o2o.kernel.words import N_

OWNER = ("owner",)
MANAGERS = ("manager", "owner")
PREPARERS = ("claimant", "manager", "owner")
MONEY = ("claimant", "owner")
EVERYBODY = ("staff", "manager", "owner")


class Group(NamedTuple):
    """Places that belong together, under one heading."""

    title: str
    places: tuple["Place", ...]


class Place(NamedTuple):
    """A page of the desk: path below the shop's, icon, name, what one does there, roles."""

    path: str
    icon: str
    title: str
    text: str
    roles: tuple[str, ...]


GROUPS = (
    Group(
        N_("Selling"),
        (
            Place("offers", "tag", N_("Offers"), N_("Write, reckon, publish, pause"), PREPARERS),
            Place("shared", "store", N_("Branches"), N_("Offers that several of your shops share"), OWNER),
            Place("guests", "users", N_("Guests"), N_("Visits, spending, notes"), MANAGERS),
            Place("reviews", "edit", N_("Reviews"), N_("Read and answer"), MANAGERS),
        ),
    ),
    Group(
        N_("The shop itself"),
        (
            Place("shop", "store", N_("Name, place and hours"), N_("What guests read first"), PREPARERS),
            Place("days", "calendar", N_("Holidays"), N_("Days on which other hours hold"), MANAGERS),
            Place("menu", "book", N_("Menu"), N_("By hand or from a spreadsheet"), PREPARERS),
            Place("pictures", "image", N_("Photos"), N_("The first one is your cover"), PREPARERS),
            Place(
                "posters", "stamp", N_("Check-in codes"), N_("One per place, with honest counters"), MANAGERS
            ),
            Place("print", "printer", N_("Print kit"), N_("Poster, sticker, table cards"), MANAGERS),
        ),
    ),
    Group(
        N_("Counter and people"),
        (
            Place("tills", "device", N_("Tills"), N_("Phones that may take vouchers"), OWNER),
            Place("conflicts", "scale", N_("Conflicts"), N_("When two tills took one voucher"), OWNER),
            Place("staff", "users", N_("People"), N_("Invite, promote, end"), OWNER),
            Place("acts", "clock", N_("Who did what"), N_("Every act, with its person"), OWNER),
        ),
    ),
    Group(
        N_("Papers and money"),
        (
            Place("admission", "check", N_("Papers"), N_("Licence, identity, terms"), MONEY),
            Place("payout", "card", N_("Payout account"), N_("Where your money goes"), MONEY),
            Place(
                "sanctions",
                "alert",
                N_("Rules and objections"),
                N_("What the platform holds against the shop"),
                MANAGERS,
            ),
            Place(
                "leave",
                "out",
                N_("Take along, or leave"),
                N_("Everything in one file; closing the shop"),
                OWNER,
            ),
        ),
    ),
)


def groups_for(role: str) -> list[Group]:
    """Return the groups with the places that a role may open; empty ones are left out."""
    found = (Group(one.title, tuple(place for place in one.places if role in place.roles)) for one in GROUPS)
    return [one for one in found if one.places]
