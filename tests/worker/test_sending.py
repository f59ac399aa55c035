"""Messages leave the outbox: once, to whom they may go, in her words, as fast as the provider takes them."""

import asyncio

import pytest
from aiohttp import ClientSession

from bot.app import listening
from bot.flow.release import Release
from bot.house import House
from bot.store.servers import Server
from tests.calls import Phone
from tests.standin import StandIn
from tests.worker.work import AWA, BINTA, COUMBA, VALUES, Clock, Work, at_standin, leader

pytestmark = pytest.mark.asyncio(loop_scope="package")

ALERT = "ALERTE Choléra (3) : Awa Traoré, Falo, tél +22376000001. Répondez OK 71"
PEOPLE = [f"+223761{number:05d}" for number in range(60)]


async def test_a_reply_is_sent_once_with_its_cost(work: Work) -> None:
    name = await work.reply(AWA, "Stock enregistré : SRO 12.")
    await work.worker.once()
    await work.worker.once()
    assert work.heard() == [(AWA, "Stock enregistré : SRO 12.")]
    line = await work.line(name)
    assert (line.state, line.attempts, line.segments, line.cost) == ("sent", 1, 1, "XOF 12.0000")
    assert (line.provider_id, line.sent) == (work.standin.sent[0].id, "2026-11-21T09:12:00.000+00:00")


async def test_nothing_to_do_is_done_at_once(work: Work) -> None:
    await work.worker.once()
    assert work.standin.requests == []


async def test_what_is_due_later_waits(work: Work) -> None:
    await work.reply(AWA)
    work.clock.passes(-1)
    await work.worker.once()
    assert work.standin.requests == []


async def test_an_sms_is_answered_by_one_sms_however_often_it_comes(work: Work) -> None:
    await work.house.contacts.put([leader(AWA, role="asc", products=("SRO",))])
    async with listening(work.house, simulator=False) as url, ClientSession() as client:
        phone = Phone(client, url, AWA)
        for _ in range(3):
            await phone.writes("STOCK SRO 5", "sms-1")
            await work.worker.once()
    ((number, text),) = work.heard()
    assert (number, text.partition(".")[0]) == (AWA, "Recu : SRO 5")


async def test_an_alert_is_told_to_a_leader_in_her_language(work: Work) -> None:
    await work.house.contacts.put(
        [leader(BINTA), leader(COUMBA, language="bm"), leader(AWA, language="bm", letters=True)]
    )
    await work.tell(BINTA, name="tell:fr")
    await work.tell(COUMBA, name="tell:bm")
    await work.tell(AWA, "alert.newcomer.told", name="tell:letters")
    await work.worker.once()
    heard = dict(work.heard())
    assert heard[BINTA] == ALERT
    assert heard[COUMBA].startswith("TELIMAN Kunfilanitu (3): Awa Traoré, Falo, ")
    assert "@" not in heard[COUMBA]
    release = work.house.releases.find(1)
    said = release.words.say("bm", "alert.newcomer.told", VALUES)
    assert heard[AWA] == said


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (None, "not a supervisor on the roster"),
        ({"role": "asc"}, "not a supervisor on the roster"),
        ({"active": False}, "not a supervisor on the roster"),
        ({"stopped": True}, "opted out"),
    ],
)
async def test_nobody_else_is_told(work: Work, who: dict[str, object] | None, reason: str) -> None:
    if who is not None:
        await work.house.contacts.put([leader(BINTA, **who)])
    name = await work.tell(BINTA)
    await work.worker.once()
    line = await work.line(name)
    assert (line.state, line.reason, line.attempts) == ("refused", reason, 0)
    assert work.standin.requests == []
    work.clock.passes(86_400)
    await work.worker.once()
    assert work.standin.requests == []


async def test_words_that_went_with_their_flow_are_said_and_keep_no_other_message(work: Work) -> None:
    await work.house.contacts.put([leader(BINTA)])
    await work.tell(BINTA, "removed.tell", name="tell:removed")
    await work.tell(BINTA, "stock.quantity", name="tell:values")
    await work.tell(BINTA, name="tell:good")
    await work.worker.once()
    assert work.heard() == [(BINTA, ALERT)]
    removed, values = await work.line("tell:removed"), await work.line("tell:values")
    assert (removed.state, removed.reason) == ("failed", "no words: 'removed.tell'")
    assert (values.state, values.reason) == ("failed", "no words: \"stock.quantity: no value for 'item'\"")


async def test_a_stop_at_the_provider_is_recorded_and_no_alert_follows(work: Work) -> None:
    await work.house.contacts.put([leader(BINTA)])
    async with listening(work.house, simulator=False) as url:
        form = {"senderId": "36123", "phoneNumber": BINTA}
        status, _ = await work.standin.call(f"{url}/africastalking/optout?key=sandbox", form)
    assert status == 200
    await work.tell(BINTA)
    await work.worker.once()
    assert (await work.line("tell:1")).reason == "opted out"


async def test_what_the_simulator_asked_stays_there_and_an_unknown_channel_is_the_first(work: Work) -> None:
    await work.reply(AWA, name="shown", channel="simulator")
    await work.reply(BINTA, name="moved", channel="gone")
    await work.worker.once()
    assert [number for number, _ in work.heard()] == [BINTA]
    assert await work.states() == {"shown": "delivered", "moved": "sent"}


@pytest.mark.parametrize("kind", ["http"], indirect=True)
async def test_without_a_key_messages_are_only_shown(
    server: Server, work: Work, release: Release, caplog: pytest.LogCaptureFixture
) -> None:
    alone = House(at_standin(StandIn(api_key=""), "http"), server, work.clock)
    await alone.releases.refresh()
    await work.reply(AWA)
    await alone.worker().once()
    await alone.close()
    assert "no_channel_sends" in caplog.text
    assert (work.standin.requests, await work.states()) == ([], {f"reply:{AWA}": "delivered"})


async def test_two_workers_share_without_doubling(work: Work) -> None:
    for number, msisdn in enumerate(PEOPLE):
        await work.reply(msisdn, f"Bonjour {number}")
    other = House(work.house.settings, work.house.server, work.clock)
    await other.releases.refresh()
    await asyncio.gather(*(worker.once() for worker in (work.worker, other.worker(), work.house.worker())))
    await other.close()
    assert sorted(work.heard()) == sorted((msisdn, f"Bonjour {n}") for n, msisdn in enumerate(PEOPLE))
    assert set((await work.states()).values()) == {"sent"}


@pytest.mark.parametrize("kind", ["http"], indirect=True)
async def test_a_provider_gets_no_more_a_second_than_it_takes(
    server: Server, standin: StandIn, work: Work
) -> None:
    slow = House(at_standin(standin, "http", rate=20), server, Clock())
    await slow.releases.refresh()
    for msisdn in PEOPLE[:10]:
        await work.reply(msisdn)
    clock = asyncio.get_running_loop().time
    began = clock()
    await slow.worker().once()
    await slow.close()
    assert clock() - began >= 9 / 20
    assert len(standin.sent) == 10
