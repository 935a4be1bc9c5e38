"""Account numbers as people type them: what is one, and what looks like a slip of the finger."""

import re
from unicodedata import normalize

from o2o.kernel.errors import RuleBroken
from o2o.kernel.words import N_

KINDS = ("card", "account", "iban", "wallet")
CARD = re.compile(r"[0-9]{12,19}")
# A company's account at a bank in China carries no check digit that all banks share.
ACCOUNT = re.compile(r"[0-9]{8,32}")
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
WALLET = re.compile(r"[A-Za-z0-9._@+-]{6,64}")
TAIL = 4


def read(kind: str, typed: str) -> str:
    """Return an account number in its bare form; RuleBroken 422 with field "number" when it cannot be one.

    Full-width digits, spaces and hyphens are what keyboards and printed cards put in.
    """
    text = normalize("NFKC", typed).strip()
    if kind == "card":
        return _card(re.sub(r"[\s-]", "", text))
    if kind == "account":
        return _account(re.sub(r"[\s-]", "", text))
    if kind == "iban":
        return _iban(re.sub(r"[\s-]", "", text).upper())
    if not WALLET.fullmatch(text):
        raise _refuse(
            N_("Type the wallet's account as the app shows it: a phone number, an e-mail or an ID.")
        )
    return text


def tail(number: str) -> str:
    """Give the end by which an owner knows the account again."""
    return number[-TAIL:]


def luhn(digits: str) -> bool:
    """Tell whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def mod97(iban: str) -> bool:
    """Tell whether an IBAN's check digits hold (ISO 13616, ISO 7064 MOD 97-10)."""
    moved = iban[4:] + iban[:4]
    return int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1


def _card(digits: str) -> str:
    if not CARD.fullmatch(digits):
        raise _refuse(N_("A card number has 12 to 19 digits."))
    if not luhn(digits):
        raise _refuse(N_("One digit of this card number is wrong. Please compare it with the card."))
    return digits


def _account(digits: str) -> str:
    if not ACCOUNT.fullmatch(digits):
        raise _refuse(N_("A company's account number has 8 to 32 digits."))
    return digits


def _iban(text: str) -> str:
    if not IBAN.fullmatch(text):
        raise _refuse(N_("An IBAN begins with two letters and two digits, such as DE89."))
    if not mod97(text):
        raise _refuse(N_("One character of this IBAN is wrong. Please compare it with your bank's paper."))
    return text


def _refuse(sentence: str) -> RuleBroken:
    return RuleBroken("bad_number", sentence, status=422, field="number")
