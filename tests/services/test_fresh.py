"""A figure is read once for many, shown while it is read again, and read anew after a change."""

import asyncio

import pytest

from bot.services import fresh
from bot.services.fresh import Fresh, Kept
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
    monkeypatch.setattr(fresh, "SPARED", 0)
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
    monkeypatch.setattr(fresh, "SPARED", 0)
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


async def test_what_took_long_to_read_is_left_alone_for_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fresh, "FRESH", 0.0)
    monkeypatch.setattr(fresh, "SPARED", 10**9)
    source = Source()
    figure = Fresh(source.read)
    assert [await figure.get(), await figure.get()] == [1, 1]
    assert source.asked == 1
    figure.change(lambda held: held + 10)
    assert await figure.get() == 11


@pytest.mark.parametrize("how", ["forgotten", "put right"])
async def test_what_was_being_read_while_it_was_changed_is_not_held_for_new(how: str) -> None:
    """Read before the change and come after it: the next page is to show what was done."""
    truth, let_go = [1], asyncio.Event()

    async def read() -> int:
        seen = truth[0]
        await let_go.wait()
        return seen

    figure = Fresh(read)
    reading = asyncio.create_task(figure.get())
    await asyncio.sleep(0)
    truth[0] = 2
    figure.forget() if how == "forgotten" else figure.change(lambda _: 2)
    let_go.set()
    assert await reading == 1
    assert await figure.get() == 2


async def test_what_is_made_of_figures_is_made_again_when_they_are_others() -> None:
    kept, first, second = Kept(), [1], [2]
    source = Source()
    assert await kept.get(("a", "ML"), (first,), source.read) == 1
    assert await kept.get(("a", "ML"), (first,), source.read) == 1
    assert await kept.get(("a", "ML/SEG"), (first,), source.read) == 2
    assert await kept.get(("a", "ML"), (second,), source.read) == 3
    assert await kept.get(("a", "ML/SEG"), (first,), source.read) == 4
    assert await kept.get(("b",), (first, second), source.read) == 5
    assert await kept.get(("b",), (first, first), source.read) == 6
