"""Every table of the console, found from its pages: searched, filtered, sorted, turned over and taken out."""

import re
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl, urlencode

import pytest

from bot.admin.console import pages
from bot.house import House
from bot.office import desk_of
from bot.services.audience import Audience
from bot.services.editing.edits import with_text
from bot.text.fold import bare
from tests.admin.conftest import Comes
from tests.admin.sheets import Drawn, count_of_xlsx, drawn, looks, rows_of_csv
from tests.admin.visitor import Visitor
from tests.browser.furnished import AMINATA, NANA, OUMOU, say

IN_TIME = frozenset({"/reports", "/outbox", "/due"})
"""Too long to be sorted: newest first, a page at a time (docs/decisions/0029)."""
PLAIN = frozenset({"/broadcasts/{id}", "/draft", "/releases/{number}"})
"""A few rows by nature, or what changed: docs/decisions/0067."""
NAMED = {
    "flow": "stock",
    "step": "receipt",
    "key": "stock.changed",
    "msisdn": OUMOU,
    "name": "admin-0",
    "language": "fr",
}
COUNTED = frozenset({"/stock", "/completeness"})
"""Where what is chosen says what is counted, not which rows are left."""
ASKED = {
    "/journal": "?who=system",  # each of our downloads is a line of it
    "/words": "?flow=stock",
    "/due": "?at=2026-11-23T09:00",
    "/stock": "?area=ML/SEG/BLA/FALO",
    "/completeness": "?area=ML/SEG",
}
"""Where there are two rows."""
TRAINING = "F-2999-11-30"


@pytest.fixture
async def seat(house: House, comes: Comes) -> Visitor:
    """Somebody at the console of a programme that has two of everything."""
    admin = await comes("admin")
    await comes("viewer")
    await say(house)
    plan = await house.broadcasts.plan(Audience(roles=("dtc",)), {"fr": "Rappel"}, {}, urgent=True)
    await house.broadcasts.send(plan, "admin-0")
    for name in ("DHIS2", "Entrepôt"):
        await house.admission.issue(name, ["reports:read"], "", "admin-0")
    await admin.opens("/trainings/new")
    told = {"topic": "malaria", "place": "CSCom de Falo", "begins": "2999-11-30T08:00", "state": "planned"}
    await admin.sends("/trainings/new", **told)
    invited = f"{AMINATA}\n{OUMOU}\n{NANA}"
    await admin.sends(f"/trainings/{TRAINING}/invite", numbers=invited, sure="1")
    text = (await house.editing.open()).draft.source.flows["flows/stock.yaml"]
    await house.editing.change(0, "awa", "text", lambda source: with_text(source, "stock", f"{text}# relu\n"))
    await house.editing.publish(1, "issa", "relu")
    # Who signed in had the figures read before all this: what is shown must not change while it is looked at.
    house.figures.forget()
    house.book.forget()
    return admin


async def tables(house: House, visitor: Visitor) -> AsyncIterator[tuple[str, str]]:
    """The path of each page that has a table, and where it is; whatever else draws one is named above."""
    for page in pages(desk_of(house, simulator=False)):
        if page.method != "GET" or page.public or not page.path or "{upload}" in page.path:
            continue
        where = await address(visitor, page.path)
        answer = await visitor.opens(where)
        assert answer.status == 200, where
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        if drawn(answer):
            yield page.path, where
        else:
            assert "<table" not in answer.text or page.path in PLAIN, page.path


async def address(visitor: Visitor, path: str) -> str:
    """One of the addresses that a path stands for: the first of its list."""
    if path in ASKED:
        return path + ASKED[path]
    if path == "/outbox/message":
        return await _first(visitor, "/outbox", path)
    names = set(re.findall(r"\{(\w+)\}", path))
    if names <= NAMED.keys():
        return path.format(**NAMED)
    if path == "/roster/{msisdn}/merge/{other}":
        return f"/roster/{OUMOU}/merge/{NANA}"
    stem = path.partition("{")[0]
    first = await _first(visitor, stem.rstrip("/"), stem)
    return re.sub(r"\{\w+\}", first.removeprefix(stem), path)


async def previewed(seat: Visitor) -> str:
    """Where a sheet is looked through before it is taken: one row of each kind."""
    await seat.opens("/roster/import")
    rows = "70000002,Oumou Keïta,asc,FALO", "7000009,Awa,asc,FALO", "70000097,Sita,asc,FALO"
    answer = await seat.sends("/roster/import", "\n".join(("msisdn,name,role,org_unit", *rows)).encode())
    return answer.path.removeprefix("/admin")


async def _first(visitor: Visitor, where: str, stem: str) -> str:
    found = re.search(
        rf'<td[^>]*><a href="/admin({re.escape(stem)}[^"]+)"', (await visitor.opens(where)).text
    )
    assert found, where
    return found[1]


def asking(where: str, **more: str) -> str:
    """The same page, asked for something more."""
    path, _, query = where.partition("?")
    return f"{path}?{urlencode({**dict(parse_qsl(query)), **more})}"


def joined(where: str, query: str) -> str:
    """Another question to the same page."""
    return where.partition("?")[0] + query


async def test_every_table_does_what_tables_do(
    house: House, seat: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    shows(monkeypatch, 10_000)
    found = [one async for one in tables(house, seat)]
    found.append(("/roster/import/{upload}", await previewed(seat)))
    assert len(found) >= 15
    for path, where in found:
        shows(monkeypatch, 10_000)
        whole = await looks(seat, where)
        assert len(whole.rows) >= 2, f"{path}: furnish two"
        await is_taken_out(seat, where, whole)
        await is_searched(seat, where, whole)
        await is_filtered(seat, where, whole)
        if path not in IN_TIME:
            assert whole.sorts, path
            await is_sorted(seat, where, whole)
        shows(monkeypatch, max(1, len(whole.rows) // 3))
        await is_turned_over(seat, where, whole)


def shows(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """So many on a page."""
    for module in ("table", "looking"):
        monkeypatch.setattr(f"bot.admin.{module}.ON_A_PAGE", rows)


async def is_taken_out(seat: Visitor, where: str, whole: Drawn) -> None:
    as_csv, as_xlsx = [await seat.opens(joined(where, link)) for link in whole.downloads]
    assert len(rows_of_csv(as_csv)) == count_of_xlsx(as_xlsx) == len(whole.rows), where


async def is_searched(seat: Visitor, where: str, whole: Drawn) -> None:
    assert whole.searches, where
    assert (await looks(seat, asking(where, q="zzzz"))).rows == [], where
    for text in filter(None, whole.rows[0]):
        if whole.rows[0] in (await looks(seat, asking(where, q=text))).rows:
            return
    raise AssertionError(f"{where}: its first row is not found by any of its words")


async def is_filtered(seat: Visitor, where: str, whole: Drawn) -> None:
    for name, options in whole.choices:
        for option in options:
            left = await looks(seat, asking(where, **{name: option}))
            if where.partition("?")[0] not in COUNTED and f"{name}=" not in where:
                assert all(row in whole.rows for row in left.rows), (where, name, option)


async def is_sorted(seat: Visitor, where: str, whole: Drawn) -> None:
    """By each column, up and down."""
    for place, link, _ in whole.sorts:
        one = await looks(seat, joined(where, link))
        here = {at: (further, order) for at, further, order in one.sorts}
        further, order = here[place]
        other = await looks(seat, joined(where, further))
        assert {order, *(way for at, _, way in other.sorts if at == place)} == {"ascending", "descending"}, (
            where
        )
        assert sorted(one.rows) == sorted(other.rows) == sorted(whole.rows), (where, place)
        up, down = [
            await column(seat, where, link, sheet, place) for link, sheet in ((link, one), (further, other))
        ]
        assert up == down[::-1], (where, place)


async def column(seat: Visitor, where: str, link: str, sheet: Drawn, place: int) -> list[str]:
    """Its values, which are what is sorted; of a file for an import, which has other columns, what is read."""
    rows = rows_of_csv(await seat.opens(joined(where, f"{link}&format=csv")))
    values = (
        [row[place] for row in rows] if rows and len(rows[0]) == len(sheet.rows[0]) else sheet.column(place)
    )
    return [bare(value) for value in values]


async def is_turned_over(seat: Visitor, where: str, whole: Drawn) -> None:
    """The pages one after the other are the whole."""
    rows, here = [], where
    for _ in whole.rows:
        page = await looks(seat, here)
        rows += page.rows
        if page.onward is None:
            break
        here = joined(where, page.onward)
    assert rows == whole.rows, where
