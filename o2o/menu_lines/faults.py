"""What can be wrong with a file or with one of its rows, in words that say what to do."""

from typing import NamedTuple

from o2o.kernel.errors import BadInput
from o2o.kernel.words import N_
from o2o.menu_lines.cells import LONGEST_CELL
from o2o.menu_lines.lines import LONGEST, MOST_LINES

MOST_BYTES = 2 * 1024 * 1024


class Fault(NamedTuple):
    """A row that cannot be taken: its number, the column's name, what is wrong, what stands there, another row.

    Of a typed line also the whole of it, and the section under which it stands.
    """

    row: int
    column: str
    code: str
    found: str = ""
    other: int = 0
    text: str = ""
    section: str = ""


TOO_LONG = N_("Longer than %(most)s characters. Shorten it.")
# One row each.
ROWS = {
    "no_name": N_("The name is missing. Write what it is called."),
    "no_price": N_("The price is missing. Give one, 0 if it is free, or write “ask” where it changes."),
    "not_a_number": N_("“%(found)s” is no price. Write a number such as 38 or 38.50."),
    "negative": N_("A price cannot be negative. Take the minus away."),
    "too_precise": N_("“%(found)s” has more decimals than the currency. Round it."),
    "too_large": N_("“%(found)s” is too large for a price. Look for a digit too many."),
    "range": N_("“%(found)s” is a range. Give one price, or a row for each size."),
    "date": N_("The program made a date (%(found)s) of it. Set the cell to text and type it again."),
    "boolean": N_("“%(found)s” is a yes or no. Type what it should say."),
    "error_cell": N_("The cell shows the error %(found)s. Mend the formula, or type the value."),
    "merged": N_("This cell is merged with another. Separate them and fill in each."),
    "formula": N_("“%(found)s” begins like a formula. If it is text, put an apostrophe (') before it."),
    "name_long": TOO_LONG,
    "name_en_long": TOO_LONG,
    "section_long": TOO_LONG,
    "unit_long": TOO_LONG,
    "note_long": TOO_LONG,
    "cell_long": TOO_LONG,
    "control": N_("There are signs in it that nobody can see. Type the text anew."),
    "garbled": N_("Letters were lost here. Save the file as UTF-8 and send it again."),
    "twice": N_("This is in row %(other)s already, at the same price. Delete one of them."),
    "other_price": N_(
        "Row %(other)s has it at another price. Delete one, or tell them apart by unit or section."
    ),
    "too_many": N_(
        "More cells than the header has. Put quotation marks around text that holds the separator."
    ),
    "too_few": N_("Fewer cells than the header has. Look for a separator that is missing."),
    "quote": N_("A quotation mark is opened here and not closed as it should be. Close it, or take it away."),
    "header_again": N_("This is the header once more. Delete the row."),
}
# A typed line.
TYPED = {
    "no_price_typed": N_(
        "No price stands here. Write one, or “ask”. End it with a colon if it is a heading."
    ),
    "two_prices": N_(
        "More than one number could be the price (%(found)s). Write one dish a line, or the currency beside its price."
    ),
    "words_after": N_("“%(found)s” stands behind the price. Put the price last, or the words in brackets."),
    "line_long": TOO_LONG,
    # These two are taken, and named so that somebody looks.
    "heading": N_("It has no price and is read as a heading. If it is a dish, write its price."),
    "other_number": N_("There is another number in the name, %(found)s. Is the price the right one?"),
}
DOUBTS = ("heading", "other_number")
WORDS = ROWS | TYPED
LONGEST_LINE = 2000
MOST = {f"{name}_long": most for name, most in LONGEST.items()}
MOST |= {"cell_long": LONGEST_CELL, "line_long": LONGEST_LINE}
# The whole file.
FILES = {
    "no_file": (422, N_("Choose a file first.")),
    "two_files": (422, N_("Send one file at a time.")),
    "file_large": (413, N_("The file is larger than %(size)s MB. Leave out pictures, or send it in parts.")),
    "empty": (422, N_("The file is empty.")),
    "not_a_sheet": (415, N_("This is no table. Send a CSV file or an Excel workbook (.xlsx).")),
    "old_excel": (415, N_("This is an old Excel file (.xls). Save it as .xlsx or CSV and send that.")),
    "locked": (422, N_("The file is locked with a password. Save it without one and send that.")),
    "damaged": (422, N_("The file is damaged. Open it, save it anew and send that.")),
    "bomb": (422, N_("There is far more inside this file than a menu needs. Copy the menu into a new file.")),
    "dtd": (
        422,
        N_("The file defines its own language, which menus never need. Copy the menu into a new file."),
    ),
    "encoding": (
        422,
        N_("The letters cannot be read. Save the file as UTF-8 (in Excel: CSV UTF-8) and send that."),
    ),
    "no_header": (
        422,
        N_(
            "No row names the columns. The first row needs at least a name and a price, such as: name, price."
        ),
    ),
    "no_name_column": (422, N_("No column is called “name”. Name it in the first row.")),
    "no_price_column": (422, N_("No column is called “price”. Name it in the first row.")),
    "column_twice": (422, N_("Two columns are called “%(column)s”. Rename or delete one.")),
    "too_many_rows": (422, N_("The file has more than %(most)s rows. Send it in parts.")),
    "no_rows": (422, N_("There is a header, and no row below it.")),
}
TEXTS = {
    "no_lines": N_("Write at least one line, such as: Fried rice 18."),
    "many_lines": N_("These are more than %(most)s lines. Send them in parts."),
}


def refuse(code: str, **params: object) -> BadInput:
    """Make the refusal of a whole file, to be said beside its field."""
    status, sentence = FILES[code]
    given = {"size": MOST_BYTES // (1024 * 1024), "most": MOST_LINES, "field": "file", **params}
    return BadInput(code, sentence, status=status, **given)


def no_text(code: str) -> BadInput:
    """Make the refusal of a whole text, to be said beside its field."""
    return BadInput(code, TEXTS[code], status=422, field="text", most=MOST_LINES)


NO_PAGE = N_("There is no such page.")
