"""What a spreadsheet saves as CSV, each row with its line; written back so that no cell runs as a formula."""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import zip_longest
from unicodedata import normalize

from msgspec import Struct

from bot.flow.definition import Problem

# What a spreadsheet would compute instead of show; `+223…` and `-5` are numbers, and show as themselves.
_FORMULA = r"(?:[=@\t\r]|[+-](?!\d+(?:;|\Z)))"
# A French spreadsheet parts cells at `;`, whatever the file meant, and a line break in a cell may end a row.
_CELL = r"(?:\A|(?<=[;\t\r\n]))"
_RUNS = re.compile(rf"{_CELL}(?='*{_FORMULA})")
_QUOTED = re.compile(rf"{_CELL}'(?='*{_FORMULA})")


WIDEST = 200
"""Columns of a sheet: each is compared with each other, and with the names we know."""


class Row(Struct, frozen=True):
    """One row, by column; `line` is where it begins in the file."""

    line: int
    cells: Mapping[str, str]


class Sheet(Struct, frozen=True):
    """The rows that could be read, and what was wrong with the others."""

    rows: Sequence[Row]
    problems: list[Problem]


def read(content: str | bytes, file: str, columns: Sequence[str], key: str) -> Sheet:
    """Take UTF-8 with or without BOM, `,` `;` or tab, columns in any order; only `key` must be there."""
    reading = _Reading(file, columns, key)
    return Sheet(list(reading.rows(content)), reading.problems)


def write(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Make a CSV of which `read` gives back exactly these cells."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([still(cell) for cell in row] for row in rows)
    return out.getvalue()


def still(cell: str) -> str:
    """The cell as a spreadsheet shows it, and does not compute it."""
    return _RUNS.sub("'", cell)


def clean(cell: str) -> str:
    """Keep of a cell what is meant: composed letters, single spaces, nothing invisible, no quote."""
    if not cell.isprintable():
        cell = "".join(sign if sign.isprintable() else " " if sign.isspace() else "" for sign in cell)
    return _QUOTED.sub("", normalize("NFC", " ".join(cell.split())))


def nearest(word: str, words: Collection[str]) -> str:
    """End a sentence that refuses `word` with what was probably meant; in a long list nothing is guessed."""
    close = get_close_matches(word, words, n=1) if len(words) < 100 else []
    return f": {close[0]}?" if close else ""


class _Reading:
    """One pass over one file, and what it found wrong on the way."""

    def __init__(self, file: str, columns: Sequence[str], key: str) -> None:
        self.file = file
        self.columns = columns
        self.key = key
        self.problems: list[Problem] = []

    def wrong(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.file, line, message))

    def rows(self, content: str | bytes) -> Iterator[Row]:
        records = self.records(self.decoded(content))
        line, header = next(records, (1, []))
        names = [name.casefold().replace(" ", "_") for name in header]
        if self.problems or not self.named(line, names):
            return
        for line, cells in records:
            if any(cells[len(names) :]):
                self.wrong(line, f"{len(cells)} cells under {len(names)} columns: is a quote missing?")
                continue
            # Some tools drop the empty cells at the end of a row.
            told = zip_longest(names, cells[: len(names)], fillvalue="")
            yield Row(line, {name: cell for name, cell in told if name in self.columns})

    def decoded(self, content: str | bytes) -> str:
        if isinstance(content, str):
            return content.removeprefix("\ufeff")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            self.wrong(line, "not UTF-8: save the sheet as “CSV UTF-8” and try again")
            return ""

    def records(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """Every record that says something, with the line it begins on."""
        top = text.lstrip().split("\n", 1)[0]
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=top.count), strict=True)
        while True:
            line = reader.line_num + 1
            try:
                cells = [clean(cell) for cell in next(reader)]
            except StopIteration:
                return
            except csv.Error as error:
                self.wrong(line, f"not read (to line {reader.line_num}), a quote is out of place: {error}")
                continue
            if any(cells):
                yield line, cells

    def named(self, line: int, names: Sequence[str]) -> bool:
        """Whether these names make the rows readable; a column we do not know is said, and left out."""
        if len(names) > WIDEST:
            self.wrong(line, f"nothing was read, {len(names)} columns: no sheet of ours has as many")
            return False
        twice = sorted({name for name in names if name and names.count(name) > 1})
        if twice or self.key not in names:
            reason = f"column {twice[0]} is there twice" if twice else f"no column {self.key}"
            self.wrong(
                line, f"nothing was read, {reason}: the first row names the columns {','.join(self.columns)}"
            )
            return False
        for name in names:
            if name and name not in self.columns:
                self.wrong(line, f"column {name} is not known and was not read{nearest(name, self.columns)}")
        return True
