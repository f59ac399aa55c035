"""A flood from one number or one address costs nobody else anything, and loses nothing that was said."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer
from msgspec import structs

from bot import app, limits
from bot.app import listening
from bot.channels.africastalking import create
from bot.house import House
from bot.limits import SWEPT, Addresses, Flood, Pace
from bot.metrics import Metrics
from tests.calls import Phone
from tests.channels.forms import FORMS
from tests.channels.house import KEY, SETTINGS, say
from tests.channels.house import House as Told

AWA, OUMOU = "+22370000001", "+22370000002"


def refused(metrics: Metrics, by: str) -> float | None:
    return metrics.registry.get_sample_value("kunnafoni_refused_total", {"by": by})


class Seconds:
    """Time as the test lets it pass."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_minute_is_saved_up_and_then_it_is_one_a_second() -> None:
    clock = Seconds()
    pace = Pace(1.0, clock=clock)
    assert [pace.takes(AWA) for _ in range(61)] == [True] * 60 + [False]
    assert pace.takes(OUMOU), "another number pays for nobody"
    clock.now += 1.0
    assert [pace.takes(AWA) for _ in range(2)] == [True, False]
    clock.now += 3600
    assert sum(pace.takes(AWA) for _ in range(100)) == 60, "no more than a minute is saved"


def test_no_rate_is_no_limit_and_a_slow_one_lets_one_in() -> None:
    assert all(Pace(0.0).takes(AWA) for _ in range(1000))
    assert [Pace(0.001).takes(AWA)] == [True]
    clock = Seconds()
    for _ in range(1000):
        clock.now += 977.3
        assert Pace(1 / 3600, clock=clock).takes(AWA), "whatever the clock says"


def test_who_has_nothing_to_make_good_is_forgotten() -> None:
    clock = Seconds()
    pace = Pace(1.0, clock=clock)
    for number in range(SWEPT):
        pace.takes(str(number))
    clock.now += 10
    pace.takes("one more")
    assert len(pace) == 1


@pytest.fixture
def slow(house: House, monkeypatch: pytest.MonkeyPatch) -> Seconds:
    """Five requests a number, and a clock that stands."""
    clock = Seconds()
    monkeypatch.setattr(app, "Pace", lambda rate: Pace(rate, 5.0, clock))
    monkeypatch.setattr(app, "REFRESH", 1000.0)  # it asks the store, too
    house.settings = structs.replace(
        house.settings, server=structs.replace(house.settings.server, number_rate=1.0)
    )
    return clock


async def test_a_phone_that_floods_hears_so_and_goes_on_where_it_was(
    house: House, slow: Seconds, client: ClientSession
) -> None:
    async with listening(house, simulator=False) as url:
        phone, other = Phone(client, url, AWA), Phone(client, url, OUMOU)
        await house.contacts.change(AWA, language="fr", products="SRO")
        await phone.dials()
        for _ in range(4):
            await phone.asks("")
        trips = house.server.tick.trips
        for _ in range(100):
            said = await phone.types("2")
            phone.typed.pop()
            assert said.startswith("END Trop de demandes")
        assert house.server.tick.trips == trips, "the store hears nothing of it"
        assert (await other.dials()).startswith("CON ")
        assert refused(house.metrics, "number") == 100
        slow.now += 5
        assert (await phone.types("2")).startswith("CON Avez-vous recu")


async def test_an_sms_too_many_is_told_again_and_kept_then(
    house: House, slow: Seconds, client: ClientSession
) -> None:
    async with listening(house, simulator=False) as url:
        phone = Phone(client, url, AWA)
        for name in range(5):
            await phone.writes("AIDE", f"sms-{name}")
        with pytest.raises(AssertionError, match="503"):
            await phone.writes("PRESENT", "sms-late")
        slow.now += 1
        await phone.writes("PRESENT", "sms-late")
    assert [row.kind async for row in house.ledger.read()] == ["checkin"]


@asynccontextmanager
async def door(
    pace: Pace, metrics: Metrics, free: Callable[[str | None], bool]
) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    house = Told()
    served = web.Application()
    addresses = Addresses(pace, Flood(metrics, "address"), free=free)
    served.add_routes(addresses.routes(create(SETTINGS).routes(house)))
    async with TestClient(TestServer(served)) as client:
        yield client


async def test_an_address_that_floods_is_turned_away_before_its_key_is_read(
    caplog: pytest.LogCaptureFixture,
) -> None:
    metrics, clock = Metrics(), Seconds()
    async with door(Pace(1.0, 3.0, clock), metrics, lambda _: False) as provider:
        said = [
            await say(provider, "sms", FORMS["sms"], key) for key in ("wrong", "wrong", KEY, KEY, "wrong")
        ]
        assert [status for status, _ in said] == [403, 403, 200, 429, 429]
        clock.now += 1
        assert await say(provider, "sms", FORMS["sms"]) == (200, "OK")
    assert refused(metrics, "address") == 2
    assert len([line for line in caplog.messages if line.startswith("flood")]) == 1, (
        "said once, not each time"
    )


async def test_the_proxy_on_this_machine_carries_everybody() -> None:
    metrics = Metrics()
    async with door(Pace(1.0, 1.0, Seconds()), metrics, limits.spared) as provider:
        assert [await say(provider, "sms", FORMS["sms"]) for _ in range(5)] == [(200, "OK")] * 5
    assert refused(metrics, "address") == 0
    assert limits.spared(None)
    assert not limits.spared("203.0.113.7")


async def test_a_line_on_which_nothing_is_asked_is_closed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "IDLE", 0.1)
    async with listening(house, simulator=False) as url:
        host, port = url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST /africastalking/ussd?key=sandbox HTTP/1.1\r\nHost: h")
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()
