"""Everything may come twice, late, or out of order: the second time changes nothing and is answered as the first."""

import asyncio
import random

import pytest
from aiohttp import ClientSession

from bot.app import listening
from bot.house import House
from bot.messages import Inbound
from bot.store.ledger import Row
from tests.calls import AWA, Phone

CALL = ["", "2", "2*2", "2*2*4", "2*2*4*3"]
"""Menu, stock, nothing received, 4 and 3 left."""
STORED = "END Stock enregistré : SRO 4, CTE 3. Merci."


async def rows(house: House) -> list[Row]:
    return [row async for row in house.ledger.read()]


async def kept(house: House) -> list[tuple[str, dict[str, object]]]:
    return [(row.kind, row.answers) for row in await rows(house)]


@pytest.mark.parametrize("times", [2, 5])
async def test_each_request_of_a_call_again(phone: Phone, house: House, times: int) -> None:
    phone.session = "ATUid_again"
    for text in CALL:
        answers = {await phone.asks(text) for _ in range(times)}
        assert len(answers) == 1
    assert await kept(house) == [
        ("stock", {"receipt": "no", "product": "SRO", "quantity": 4}),
        ("stock", {"receipt": "no", "product": "CTE", "quantity": 3}),
    ]


@pytest.mark.parametrize("seed", range(8))
async def test_each_request_again_and_shuffled_after_the_call(phone: Phone, house: House, seed: int) -> None:
    phone.session = "ATUid_shuffled"
    first = {text: await phone.asks(text) for text in CALL}
    again = CALL * 5
    random.Random(seed).shuffle(again)
    for text in again:
        assert await phone.asks(text) == first[text]
    assert len(await rows(house)) == 2


@pytest.mark.parametrize("seed", range(4))
async def test_repeats_of_many_calls_of_one_phone_mixed(phone: Phone, house: House, seed: int) -> None:
    """Late repeats of an earlier call, while and after another goes on."""
    first: dict[tuple[str, str], str] = {}
    for number in range(4):
        for text in ["", "1", "1*1", "1*1*1"] if number == 0 else ["", "1", "1*1"]:
            first[f"ATUid_{number}", text] = await phone.asks(text, f"ATUid_{number}")
    again = list(first) * 3
    random.Random(seed).shuffle(again)
    for session, text in again:
        assert await phone.asks(text, session) == first[session, text]
    assert [kind for kind, _ in await kept(house)] == ["checkin"]


async def test_repeats_reach_another_worker_too(phone: Phone, house: House, client: ClientSession) -> None:
    """Each request goes to both of two gateways over one store, in turn first."""
    other = await second(house)
    async with listening(other, simulator=False) as url:
        there = Phone(client, url)
        phone.session = there.session = "ATUid_two"
        for turn, text in enumerate(CALL):
            phones = (phone, there) if turn % 2 else (there, phone)
            answers = {await one.asks(text) for one in phones}
            assert len(answers) == 1
            await house.gateway.settle()
            await other.gateway.settle()
    assert len(await rows(house)) == 2


@pytest.mark.parametrize("seed", range(6))
async def test_each_step_may_reach_another_worker(
    phone: Phone, house: House, client: ClientSession, seed: int
) -> None:
    """As a network without sticky connections does; a worker's memory of the call is often behind."""
    chance = random.Random(seed)
    other = await second(house)
    async with listening(other, simulator=False) as url:
        there = Phone(client, url)
        for number in range(4):
            phone.session = there.session = f"ATUid_hops{number}"
            for text in ["", "2", "2*1", "2*1*2", "2*1*2*7"] if number else CALL:
                chosen, its = chance.choice([(phone, house), (there, other)])
                shown = await chosen.asks(text)
                await its.gateway.settle()
            assert shown == ("END Corrigé : CTA enfant (AL 2x6) 7. Merci." if number else STORED)
    assert [answers["quantity"] for _, answers in await kept(house)] == [4, 3, 7, 7, 7]


async def test_a_worker_that_died_before_it_wrote_its_step_is_made_up_for(
    phone: Phone, house: House, client: ClientSession
) -> None:
    phone.session = "ATUid_died"
    for text in CALL[:-1]:
        await phone.asks(text)
    other = await second(house)
    async with listening(other, simulator=False) as url:
        there = Phone(client, url)
        assert await there.asks(CALL[-1], phone.session) == STORED


async def second(house: House) -> House:
    """Another worker's house over the same store."""
    other = House(house.settings, house.server, house.clock)
    await other.releases.refresh()
    return other


@pytest.mark.parametrize("seed", range(6))
async def test_two_at_once_leave_one_consistent_run(phone: Phone, house: House, seed: int) -> None:
    chance = random.Random(seed)
    phone.session = "ATUid_once"
    answers: dict[str, set[str]] = {text: set() for text in CALL}
    for text in CALL:
        burst = [phone.asks(text) for _ in range(chance.randint(2, 6))]
        answers[text] |= set(await asyncio.gather(*burst))
    assert all(len(shown) == 1 for shown in answers.values())
    assert len(await rows(house)) == 2


async def test_two_different_answers_at_once_each_get_their_own(phone: Phone, house: House) -> None:
    phone.session = "ATUid_race"
    await phone.asks("")
    one, other = await asyncio.gather(phone.asks("1"), phone.asks("2"))
    assert one.startswith("CON Au poste")
    assert other.startswith("CON Avez-vous")
    assert await phone.asks("1*1*1") == "END Journée enregistrée. Merci et bon courage."
    assert await kept(house) == [("checkin", {"status": "present", "seen": ["none"]})]


async def test_a_session_id_used_again_for_another_call(phone: Phone, house: House) -> None:
    first = [await phone.asks(text, "ATUid_same") for text in ("", "1", "1*1", "1*1*1")]
    assert first[-1].startswith("END")
    second_call = [await phone.asks(text, "ATUid_same") for text in ("", "5", "5*2")]
    assert second_call[0] == first[0]
    assert second_call[-1] == "END C'est noté et transmis. Merci de l'avoir dit."
    assert [kind for kind, _ in await kept(house)] == ["checkin", "payment"]


async def test_a_session_id_used_again_the_next_day(
    phone: Phone, house: House, client: ClientSession
) -> None:
    for text in ("", "1", "1*1", "1*1*1"):
        await phone.asks(text, "ATUid_same")
    day = 24 * 60 * 60 * 1000
    tomorrow = House(house.settings, house.server, lambda: house.clock() + day)
    await tomorrow.releases.refresh()
    async with listening(tomorrow, simulator=False) as url:
        there = Phone(client, url)
        for text in ("", "1", "1*1", "1*1*1"):
            shown = await there.asks(text, "ATUid_same")
    assert shown.startswith("END Journée")
    assert [row.corrects for row in await rows(house)] == ["", ""]


async def test_a_start_sent_twice_while_the_call_goes_on(phone: Phone) -> None:
    menu = await phone.dials("ATUid_start")
    asked = await phone.types("2")
    assert await phone.asks("") == menu
    assert await phone.asks("2") == asked
    assert (await phone.types("2")).startswith("CON SRO")


async def test_a_deep_dial_takes_its_answers_at_once(phone: Phone, house: House) -> None:
    assert await phone.dials(deep="1*1*1") == "END Journée enregistrée. Merci et bon courage."
    assert [row.raw for row in await rows(house)] == ["1*1*1"]


async def test_a_deep_dial_that_keeps_on_its_way_keeps_all(phone: Phone, house: House) -> None:
    await house.contacts.change(
        phone.msisdn,
        training='{"id":"F-1","topic":"training.topic.malaria","place":"Bla","date":"2026-11-30T08:00"}',
    )
    assert (await phone.dials(deep="4*1*1*1*1*1")).startswith("END Score : 3 sur 3")
    assert [kind for kind, _ in await kept(house)] == ["training", "quiz"]


async def test_an_answer_that_holds_a_star(house: House, client: ClientSession) -> None:
    async with listening(house, simulator=False) as url:
        stranger = Phone(client, url, "+22376999999")
        await stranger.dials()
        assert (await stranger.types("1", "1")).startswith("CON Votre nom")
        assert (await stranger.types("Awa * Fatou")).startswith("CON Numéro")
        assert (await stranger.types("70000101")).startswith("END Merci Awa * Fatou")
    (row,) = await rows(house)
    assert row.answers["name"] == "Awa * Fatou"
    assert row.raw == "1*1*Awa * Fatou*70000101"


async def test_an_empty_answer_is_a_wrong_answer(phone: Phone) -> None:
    await phone.dials()
    asked = await phone.types("2", "2")
    assert await phone.types("") == asked.replace("CON ", "CON Tapez un nombre en chiffres.\n")


async def test_an_sms_again_and_again(phone: Phone, house: House) -> None:
    for _ in range(5):
        await phone.writes("STOCK SRO 5", "sms-1")
    await asyncio.gather(*(phone.writes("STOCK SRO 5", "sms-1") for _ in range(5)))
    assert len(await rows(house)) == 1
    assert [line.id async for line in house.outbox.read()] == ["reply:sms-1"]


async def test_many_sms_at_once_are_each_taken_once(phone: Phone, house: House) -> None:
    """They race for the same conversation: none is lost, none is taken twice."""
    await phone.writes("STOCK CTF 7")
    burst = [("1", "a"), ("SRO 5", "b"), ("PRESENT", "c"), ("CTE 3", "d")] * 3
    await asyncio.gather(*(phone.writes(text, name) for text, name in burst))
    replies = sorted([line.id async for line in house.outbox.read()])
    assert len(replies) == 5
    kinds = sorted(kind for kind, _ in await kept(house))
    assert kinds.count("checkin") == 1
    assert kinds.count("stock") in (2, 3)


async def test_an_interrupted_call_is_taken_up_by_another_worker(
    phone: Phone, house: House, client: ClientSession
) -> None:
    await phone.dials()
    await phone.types("2", "2", "4")
    await house.gateway.settle()
    other = await second(house)
    async with listening(other, simulator=False) as url:
        there = Phone(client, url)
        assert (await there.dials()).startswith("CON Vous n'aviez pas fini : Stock.")
        assert await there.types("1", "3") == STORED
    (row, _) = await rows(house)
    assert row.raw == "2*2*4*3"


async def test_two_calls_that_take_up_one_report_keep_it_once(
    phone: Phone, house: House, client: ClientSession
) -> None:
    await phone.dials()
    await phone.types("2", "2", "4")
    await house.gateway.settle()
    calls = [Phone(client, phone.url), Phone(client, phone.url)]
    for call in calls:
        await call.dials()
        await call.types("1")
    shown = await asyncio.gather(*(call.types(left) for call, left in zip(calls, "37", strict=True)))
    assert [text.startswith("END Stock enregistré") for text in shown] == [True, True]
    first, again = [[row.id for row in await rows(house)][two : two + 2] for two in (0, 2)]
    assert [row.corrects for row in await rows(house)] == ["", "", *first]
    assert {row.id for row in await house.sessions.last(phone.msisdn)} == set(again)


async def test_two_messages_of_one_moment_are_two_reports(house: House) -> None:
    """A provider that was away tells all it has at once: they correct nothing of one another."""
    now = house.clock()
    other = House(house.settings, house.server, lambda: now)
    await other.releases.refresh()
    said = {"one": "ALERTE rougeole 2", "two": "ALERTE cholera 3"}
    for name, text in said.items():
        await other.gateway.receive(Inbound("africastalking", "sms", name, AWA, text))
    one, two = await rows(house)
    assert (one.at, one.corrects, two.corrects) == (two.at, "", "")


async def test_what_waits_for_the_store(house: House) -> None:
    """A step that keeps nothing waits for no store; one that keeps something, and the first, for one round trip."""
    await house.contacts.change("+22370000001", language="fr", products="SRO CTE")

    async def trips_of(text: str) -> int:
        await house.gateway.settle()
        before = house.server.tick.trips
        await house.gateway.dial(Inbound("africastalking", "ussd", "ATUid_trips", "+22370000001", text))
        return house.server.tick.trips - before

    assert [await trips_of(text) for text in CALL] == [1, 0, 0, 0, 1]


async def test_a_last_screen_is_shown_again_while_the_store_is_away(house: House) -> None:
    told = Inbound("africastalking", "ussd", "ATUid_1", AWA, "1*1*1")
    first = await house.gateway.dial(told)
    assert first.ends
    await house.server.tick.close()
    assert await house.gateway.dial(told) == first
    assert (await house.gateway.dial(Inbound("africastalking", "ussd", "ATUid_2", AWA, ""))).ends, "away"
