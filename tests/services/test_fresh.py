"""A figure is read once for many, shown while it is read again, and read anew after a change."""

import asyncio

import pytest

from bot.services import fresh
from bot.services.fresh import Fresh
from bot.store.tick import StoreUnavailable


class Source:
    def __init__(self) -> None:
        self.asked = 0
        self.away = False
        self.answered = asyncio.Event()

    async def read(self) -> int:
        self.asked += 1
        self.answered.set()
        if self.away:
            raise StoreUnavailable("away")
        return self.asked


async def test_many_who_ask_at_once_read_it_once() -> None:
    source = Source()
    figure = Fresh(source.read)
    assert await asyncio.gather(*(figure.get() for _ in range(10))) == [1] * 10
    figure.forget()
    assert await figure.get() == 2


async def test_the_last_one_is_shown_while_it_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fresh, "FRESH", 0.0)
    source = Source()
    figure = Fresh(source.read)
    assert await figure.get() == 1
    source.answered.clear()
    assert await figure.get() == 1
    await source.answered.wait()
    assert source.asked == 2


async def test_a_store_that_is_away_is_told_to_who_has_nothing_to_look_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fresh, "FRESH", 0.0)
    source = Source()
    figure = Fresh(source.read)
    await figure.get()
    source.away = True
    source.answered.clear()
    assert await figure.get() == 1
    await source.answered.wait()
    figure.forget()
    with pytest.raises(StoreUnavailable):
        await figure.get()
