"""The month of a country, on a few of its people: its accounts are right, and see what is not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest
from msgspec import structs

from bench.country.__main__ import housed
from bench.country.books import closed, lines
from bench.country.month import Month
from bench.country.places import built, one_district, whole
from bench.country.provider import Taken

DAYS = 2


@asynccontextmanager
async def month(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Month]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    random = Random(7)
    async with housed(folder, built(random, 1, 2, 12), random) as month:
        await month.runs(DAYS, lambda _: None)
        yield month


async def test_its_accounts_are_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with month(tmp_path, monkeypatch) as lived:
        books = await closed(lived)
    assert books.right
    assert lived.line.odd == []
    assert books.rows == lived.said.total() > 0
    assert books.taken == sum(sums.messages for sums in books.by_kind.values()) > 0
    assert {"reply", "reminder"} <= books.by_kind.keys()
    assert any("rows lost 0, doubled or altered 0" in line for line in lines(books, lived, DAYS))


async def test_they_see_what_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with month(tmp_path, monkeypatch) as lived:
        first = next(iter(lived.said))
        lived.said[first] -= 1
        lived.said["+22371000000", "stock", "SRO", 4711] += 1
        lived.line.written.append("never arrived")
        taken = lived.provider.taken
        taken.append(structs.replace(taken[0], id="nobody's"))
        taken[0] = Taken("another", taken[0].number, taken[0].text)
        books = await closed(lived)
    assert (books.lost, books.doubled, books.without_reply) == (1, 1, 1)
    assert (books.untaken, books.twice) == (1, 2)
    assert not books.right


def test_a_country_has_its_people_and_its_places() -> None:
    country = whole(Random(1))
    roles = [one.role for one in country.people]
    assert {role: roles.count(role) for role in dict.fromkeys(roles)} == {
        "central": 1,
        "region": 20,
        "district": 75,
        "dtc": 275,
        "asc": 5123,
    }
    numbers = {one.msisdn for one in country.people}
    assert len(numbers) == len(country.people)
    assert all(one.supervisor in numbers for one in country.people if one.role != "central")
    assert len({unit.name for unit in country.units if unit.type == "district"}) == 75
    assert len(one_district(Random(1)).people) == 68 + 4 + 3
