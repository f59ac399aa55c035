"""A table as a page draws it, read as somebody who looks at the page does."""

import html
import re
import zipfile
from csv import reader
from io import BytesIO, StringIO

from msgspec import Struct

from tests.admin.visitor import Answer, Visitor

_TAG = re.compile(r"<[^>]+>")
_CHOSEN = re.compile(r"<select.*?</select>", re.DOTALL)


class Drawn(Struct, frozen=True):
    """What a page shows of its table."""

    rows: list[list[str]]
    sorts: list[tuple[int, str, str]]
    """Of each column that can be sorted: its place, its address, and how it is sorted now."""
    searches: bool
    """Whether there is a box to write into."""
    onward: str | None
    """The address of the next page."""
    downloads: list[str]
    choices: list[tuple[str, list[str]]]
    """Of each list to filter by its name and options."""

    def column(self, place: int) -> list[str]:
        return [row[place] for row in self.rows]


def drawn(page: Answer) -> Drawn | None:
    """None for a page whose table, if it has one, is not drawn as all others are."""
    text = html.unescape(page.text)
    foot = text.rpartition('<span class="downloads">')[2] if '<span class="downloads">' in text else ""
    if not foot:
        return None
    head, body = _between(text, "<thead", "</thead>"), _between(text, "<tbody>", "</tbody>")
    filters = _between(text, '<form class="filters', "</form>")
    return Drawn(
        [
            [_plain(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
            for row in body.split("<tr>")[1:]
        ],
        [
            (place, link[1], order[1] if (order := re.search(r'aria-sort="(\w+)"', one)) else "")
            for place, one in enumerate(head.split("<th ")[1:])
            if (link := re.search(r'<a href="(\?[^"]*)"', one))
        ],
        'type="search"' in filters,
        _onward(text),
        re.findall(r'<a href="(\?[^"]*)" download', foot),
        [
            (name, re.findall(r'<option value="([^"]+)"', options))
            for name, options in re.findall(r'<select name="([^"]+)">(.*?)</select>', filters, re.DOTALL)
        ],
    )


def _onward(text: str) -> str | None:
    """Where a long list goes on; else the page after the one that is shown."""
    if older := re.search(r'<a class="button" href="(\?[^"]*)"', text.rpartition('<div class="foot">')[2]):
        return older[1]
    following = _between(text, '<nav class="pages"', "</nav>").partition('aria-current="page"')[2]
    link = re.search(r'<a href="(\?[^"]*)"', following)
    return link[1] if link else None


def rows_of_csv(answer: Answer) -> list[list[str]]:
    """Without the titles."""
    return list(reader(StringIO(answer.body.decode("utf-8-sig")), delimiter=";"))[1:]


def count_of_xlsx(answer: Answer) -> int:
    """Rows, without the titles."""
    with zipfile.ZipFile(BytesIO(answer.body)) as book:
        return book.read("xl/worksheets/sheet1.xml").decode().count("<row ") - 1


async def looks(visitor: Visitor, path: str) -> Drawn:
    """A page that must have a table."""
    answer = await visitor.opens(path)
    assert answer.status == 200, path
    found = drawn(answer)
    assert found is not None, path
    return found


def _between(text: str, begin: str, end: str) -> str:
    return text.partition(begin)[2].partition(end)[0]


def _plain(cell: str) -> str:
    return _TAG.sub("", _CHOSEN.sub("", cell)).strip()
