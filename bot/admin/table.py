"""One table for all pages: it searches, filters, sorts, turns pages, and says what it shows to a download too."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from msgspec import Struct

from bot.admin.said import Speech, urged
from bot.admin.whole import whole
from bot.text.fold import bare

ON_A_PAGE = 50
SEARCH, SORT, PAGE, FORMAT = "q", "sort", "page", "format"
Row = TypeVar("Row")
Cell = str | int | float


class Field(Struct, frozen=True):
    """A list to choose from in a cell, for a form around the table."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    """Value and what is read."""
    chosen: str = ""
    """Once something is chosen it is not left open again."""


class Column(Struct, Generic[Row], frozen=True):
    """One column; its title is the key `<table>.<name>`."""

    name: str
    value: Callable[[Row], Cell]
    """What is sorted and downloaded."""
    shown: Callable[[Row, Speech], str] | None = None
    """What is read on the page, when that is something else."""
    link: Callable[[Row], str] | None = None
    tone: Callable[[Row], str] | None = None
    """`good`, `warn`, `bad` or `quiet`: drawn as a mark."""
    sorts: bool = True
    title: str = ""
    """For a column named by the data, such as a product."""
    field: Callable[[Row, Speech], Field] | None = None
    """What is chosen there, where it may be."""
    place: Callable[[Row], int] | None = None
    """What it is sorted by, when that is something else."""


def moment(
    name: str, at: Callable[[Row], int], speech: Speech, link: Callable[[Row], str] | None = None
) -> Column[Row]:
    """A time (Unix ms): read as people write it, downloaded as a spreadsheet sorts it."""
    return Column(
        name, lambda row: speech.stored(at(row)), lambda row, _: speech.moment(at(row)), link, place=at
    )


class Choice(Struct, Generic[Row], frozen=True):
    """A list to filter by; its title is the key `<table>.<name>`."""

    name: str
    options: Sequence[tuple[str, str]]
    """Value and what is read."""
    holds: Callable[[Row, str], bool]


class Table(Struct, Generic[Row], frozen=True):
    name: str
    columns: Sequence[Column[Row]]
    searched: Callable[[Row], str] | None = None
    """The text that a search looks through."""
    first: str = ""
    """The column it is sorted by at first, `-` before it for downwards; empty: as the rows come."""


class Drawn(Struct, frozen=True):
    """One cell as the template draws it."""

    text: str
    title: str
    link: str = ""
    tone: str = ""
    is_number: bool = False
    field: Field | None = None


class Head(Struct, frozen=True):
    title: str
    link: str = ""
    order: str = ""
    """`ascending` or `descending` where the table is sorted by it."""


class Sheet(Struct, frozen=True):
    """One page of a table, ready to draw."""

    name: str
    heads: list[Head]
    rows: list[list[Drawn]]
    total: int
    search: str
    searches: bool
    filters: list[tuple[str, str, Sequence[tuple[str, str]], str]]
    """Name, title, options, and the option that is chosen."""
    pages: list[tuple[str, str]]
    """What is read and its address, empty for the page that is shown."""
    downloads: list[tuple[str, str]]
    hidden: Mapping[str, str]
    """What the filter form must not forget."""
    older: str = ""
    """Where a table goes on that is too long to be counted."""
    missing: bool = False
    """What is older is in archive files that are not on this machine."""


class Asked(Struct, frozen=True):
    """What the address asks of the table."""

    query: Mapping[str, str]

    def get(self, name: str) -> str:
        return self.query.get(name, "").strip()

    @property
    def page(self) -> int:
        return max(1, whole(self.get(PAGE)) or 1)

    def address(self, **changes: str) -> str:
        return "?" + urlencode(urged({**self.query, "said": "", **changes}))


def sift(
    table: Table[Row], choices: Sequence[Choice[Row]], rows: Iterable[Row], asked: Asked
) -> Iterable[Row]:
    """The rows that the search and the filters leave, in the order they came."""
    words = bare(asked.get(SEARCH)).split()
    chosen = [(choice, value) for choice in choices if (value := asked.get(choice.name))]
    if not chosen and (not words or table.searched is None):
        yield from rows
        return
    for row in rows:
        if all(choice.holds(row, value) for choice, value in chosen) and (
            not words or table.searched is None or has(words, bare(table.searched(row)))
        ):
            yield row


def has(words: Sequence[str], text: str) -> bool:
    return all(word in text for word in words)


class Order(Struct, Generic[Row], frozen=True):
    place: Callable[[Row], Any]
    """What rows are sorted by."""
    down: bool


def order_of(table: Table[Row], asked: Asked) -> Order[Row] | None:
    """As asked; words by their letters, whatever their accents. None: as the rows come."""
    sort = asked.get(SORT) or table.first
    column = next((one for one in table.columns if one.name == sort.lstrip("-") and one.sorts), None)
    if column is None:
        return None
    value = column.place or column.value

    def place(row: Row) -> Any:
        cell = value(row)
        return (0, cell, "") if isinstance(cell, int | float) else (1, 0, bare(cell))

    return Order(place, sort.startswith("-"))


def draw(
    table: Table[Row],
    choices: Sequence[Choice[Row]],
    rows: Sequence[Row],
    asked: Asked,
    speech: Speech,
    older: str | None = None,
) -> Sheet:
    """One page of the rows that were left. `older`: these are one page already, and this address goes on."""
    first = 0 if older is not None else (asked.page - 1) * ON_A_PAGE
    shown = rows[first:] if older is not None else rows[first : first + ON_A_PAGE]
    return Sheet(
        name=table.name,
        heads=[_head(table, column, asked, speech, fixed=older is not None) for column in table.columns],
        rows=[[_cell(table, column, row, speech) for column in table.columns] for row in shown],
        total=len(rows),
        search=asked.get(SEARCH),
        searches=table.searched is not None,
        filters=[
            (one.name, speech.say(f"{table.name}.{one.name}"), one.options, asked.get(one.name))
            for one in choices
        ],
        pages=[] if older is not None else _pages(len(rows), asked, speech),
        downloads=[(form.upper(), asked.address(format=form, page="")) for form in ("csv", "xlsx")],
        hidden={SORT: asked.get(SORT)} if asked.get(SORT) else {},
        older=older or "",
    )


def title_of(table: Table[Row], column: Column[Row], speech: Speech) -> str:
    return column.title or speech.say(f"{table.name}.{column.name}")


def _head(table: Table[Row], column: Column[Row], asked: Asked, speech: Speech, *, fixed: bool) -> Head:
    title = title_of(table, column, speech)
    if fixed or not column.sorts:
        return Head(title)
    sort = asked.get(SORT) or table.first
    down = sort == f"-{column.name}"
    order = "descending" if down else "ascending" if sort == column.name else ""
    return Head(
        title, asked.address(sort=column.name if order != "ascending" else f"-{column.name}", page=""), order
    )


def _cell(table: Table[Row], column: Column[Row], row: Row, speech: Speech) -> Drawn:
    value = column.value(row)
    is_number = isinstance(value, int | float)
    if column.shown:
        text = column.shown(row, speech)
    else:
        text = speech.number(value) if isinstance(value, int | float) else value
    return Drawn(
        text,
        title_of(table, column, speech),
        column.link(row) if column.link else "",
        column.tone(row) if column.tone else "",
        is_number and not column.shown,
        column.field(row, speech) if column.field else None,
    )


def _pages(total: int, asked: Asked, speech: Speech) -> list[tuple[str, str]]:
    last = max(1, -(-total // ON_A_PAGE))
    if last == 1:
        return []
    here = min(asked.page, last)
    near = sorted({1, last, *range(max(1, here - 2), min(last, here + 2) + 1)})
    return [(speech.number(one), "" if one == here else asked.address(page=str(one))) for one in near]
