"""Calls and conversations in the store, the same in each place: pinned once, looked at, written behind, resumed."""

import pytest
from msgspec import json

from bot.people import Contact
from bot.store.keys import DRAFT, SESSION, SESSION_REUSE
from bot.store.sessions import Draft, Moved, Pin, Step
from tests.store.contract_store import AWA, BINTA, DAY, MINUTE, NOW, Store, draft, record, step, stock

pytestmark = pytest.mark.asyncio(loop_scope="session")

REUSE = SESSION_REUSE.total_seconds() * 1000


async def opened(store: Store, at: int = NOW, release: int = 1) -> tuple[Pin, tuple[str, ...]]:
    return await store.sessions.open("ATUid_1", AWA, release, at, deep=False)


async def test_a_call_is_pinned_once_with_all_that_was_known_when_it_began(store: Store) -> None:
    await store.contacts.put([Contact(AWA, "Awa Traoré", "asc", "FALO", "bm", products=("SRO", "CTE"))])
    await store.sessions.commit(step("before", record("stock", stock("SRO", 12)), draft=draft()))
    pin, said = await store.sessions.open("ATUid_1", AWA, 3, NOW + MINUTE, deep=True)
    assert (pin.at, pin.release, pin.deep, said) == (NOW + MINUTE, 3, True, ())
    assert pin.contact["name"] == "Awa Traoré"
    assert pin.contact["products"] == "SRO CTE"
    assert pin.known == {"stock": f"@{NOW}", "stock:SRO": f"12@{NOW}"}
    assert pin.draft == draft().body

    await store.contacts.change(AWA, name="Awa Diarra")
    await store.sessions.commit(step("since", record("stock", stock("SRO", 5)), aside=True))
    assert await opened(store, NOW + 2 * MINUTE, 4) == (pin, ())


async def test_a_call_of_somebody_nobody_knows_is_pinned_empty(store: Store) -> None:
    pin, _ = await store.sessions.open("ATUid_1", BINTA, 1, NOW, deep=False)
    assert (pin.contact, pin.known, pin.draft, pin.deep) == ({}, {}, "", False)
    assert pin.unfinished() is None


async def test_a_call_comes_back_with_all_that_was_typed(store: Store) -> None:
    pin, _ = await opened(store)
    await store.sessions.follow(AWA, "ATUid_1", ("2", "a*b ", ""), None, drop=False)
    assert await opened(store, NOW + MINUTE) == (pin, ("2", "a*b ", ""))
    await store.sessions.commit(step("kept", session="ATUid_1", said="2\x1fa*b \x1f\x1f12"))
    assert await opened(store, NOW + MINUTE) == (pin, ("2", "a*b ", "", "12"))


async def test_the_same_session_id_long_after_is_another_call(store: Store) -> None:
    first, _ = await opened(store)
    await store.sessions.commit(step("kept", session="ATUid_1", said="2", over=True))
    assert await opened(store, NOW + int(REUSE), 2) == (first, ("2",))
    second, said = await opened(store, NOW + int(REUSE) + 1, 2)
    assert second.at == NOW + REUSE + 1
    assert said == ()
    # And what trails its reply is written again, though the call before was over.
    await store.sessions.follow(AWA, "ATUid_1", ("5",), draft(), drop=False)
    assert await opened(store, NOW + int(REUSE) + 2) == (second, ("5",))


async def test_one_session_id_on_two_phones_is_two_calls(store: Store) -> None:
    await store.sessions.open("ATUid_1", AWA, 1, NOW, deep=False)
    await store.sessions.follow(AWA, "ATUid_1", ("2",), None, drop=False)
    pin, said = await store.sessions.open("ATUid_1", BINTA, 1, NOW + 1, deep=False)
    assert (pin.at, said) == (NOW + 1, ())


async def test_nor_is_it_one_where_both_are_of_one_part(store: Store) -> None:
    one = Store(store.server, shards=1)
    await one.sessions.open("ATUid_1", AWA, 1, NOW, deep=False)
    await one.sessions.follow(AWA, "ATUid_1", ("2",), None, drop=False)
    pin, said = await one.sessions.open("ATUid_1", BINTA, 1, NOW + 1, deep=False)
    assert (pin.at, said) == (NOW + 1, ())


async def test_a_call_is_forgotten_after_its_life_and_a_commit_prolongs_it(store: Store) -> None:
    await opened(store)
    key = store.shard().session("ATUid_1", AWA)
    await store.ask("PEXPIRE", key, 1000)
    await store.sessions.commit(step("kept", session="ATUid_1", said="2"))
    assert await store.ask("PTTL", key) > SESSION.total_seconds() * 1000 - 10_000
    await store.sessions.commit(step("late", session="ATUid_gone", said="2"))
    pin, said = await store.sessions.open("ATUid_gone", AWA, 1, NOW, deep=False)
    assert (pin.at, said) == (NOW, ())  # a transcript without its pin rebuilds nothing


async def test_a_look_tells_all_that_is_needed_to_answer_an_sms(store: Store) -> None:
    nothing = await store.sessions.look("sms:1", AWA, 7, NOW)
    assert (nothing.first, nothing.draft, nothing.count) == (None, None, "0")
    assert (nothing.pin.at, nothing.pin.release, nothing.pin.contact) == (NOW, 7, {})
    await store.contacts.change(AWA, language="bm")
    await store.sessions.commit(step("sms:1", record("stock", stock("SRO", 12)), draft=draft()))
    looked = await store.sessions.look("sms:1", AWA, 7, NOW + 1)
    assert (looked.first, looked.draft) == ("END sms:1", json.decode(draft().body, type=Draft))
    assert looked.pin.contact == {"language": "bm"}
    assert looked.pin.known == {"stock": f"@{NOW}", "stock:SRO": f"12@{NOW}"}
    assert (await store.sessions.look("sms:2", AWA, 7, NOW)).first is None


async def test_an_empty_first_reply_is_a_first_reply(store: Store) -> None:
    await store.sessions.commit(Step(msisdn=AWA, request="sms:1", reply=""))
    assert (await store.sessions.look("sms:1", AWA, 1, NOW)).first == ""


async def test_what_trails_the_reply_sets_leaves_and_drops_the_draft(store: Store) -> None:
    await opened(store)

    async def left() -> Draft | None:
        return (await store.sessions.look("any", AWA, 1, NOW)).draft

    await store.sessions.follow(AWA, "ATUid_1", ("2",), draft(given=("2",)), drop=False)
    assert (there := await left()) is not None
    assert there.given == ("2",)
    await store.sessions.follow(AWA, "ATUid_1", ("2", "0"), None, drop=False)
    assert await left() == there
    await store.sessions.follow(AWA, "ATUid_1", ("2", "2"), draft(given=("2", "2")), drop=False)
    assert (await left() or there).given == ("2", "2")
    await store.sessions.follow(AWA, "ATUid_1", ("2", "2", "00"), None, drop=True)
    assert await left() is None
    assert await store.sessions.stale(store.shard(), NOW + 9 * DAY, 9) == []


async def test_nothing_trails_a_call_that_is_over_or_gone(store: Store) -> None:
    await opened(store)
    await store.sessions.commit(step("kept", session="ATUid_1", said="2*12", over=True))
    before = await store.everything()
    await store.sessions.follow(AWA, "ATUid_1", ("2",), draft(), drop=False)
    await store.sessions.follow(AWA, "ATUid_1", ("2",), None, drop=True)
    await store.sessions.follow(AWA, "ATUid_gone", ("2",), draft(), drop=False)
    assert await store.everything() == before


async def test_a_draft_is_offered_for_a_day_and_then_stale(store: Store) -> None:
    await opened(store)
    await store.sessions.follow(AWA, "ATUid_1", ("2",), draft(), drop=False)
    day = int(DRAFT.total_seconds() * 1000)
    last, _ = await store.sessions.open("in time", AWA, 1, NOW + day - 1, deep=False)
    assert last.unfinished() == json.decode(draft().body, type=Draft)
    late, _ = await store.sessions.open("too late", AWA, 1, NOW + day, deep=False)
    assert late.unfinished() is None
    assert await store.sessions.stale(store.shard(), NOW + day - 1, 9) == []
    assert await store.sessions.stale(store.shard(), NOW + day, 9) == [AWA]
    assert await store.sessions.stale(store.shard(), NOW + day, 0) == []


async def test_a_step_keeps_changes_or_ends_the_draft_unless_it_stands_aside(store: Store) -> None:
    await store.sessions.commit(step("asks", draft=draft()))
    await store.sessions.commit(step("beside", record("checkin", {"status": "present"}), aside=True))
    assert (await store.sessions.look("any", AWA, 1, NOW)).draft is not None
    await store.sessions.commit(step("ends"))
    assert (await store.sessions.look("any", AWA, 1, NOW)).draft is None
    assert await store.sessions.stale(store.shard(), NOW + 9 * DAY, 9) == []


@pytest.mark.parametrize("between", ["set", "changed", "ended", "ended and begun again"])
async def test_a_step_made_for_a_conversation_that_went_on_is_not_kept(store: Store, between: str) -> None:
    if between != "set":
        await store.sessions.commit(step("asks", draft=draft()))
    looked = await store.sessions.look("sms:1", AWA, 1, NOW)
    if between.startswith("ended"):
        await store.sessions.commit(step("ends"))
    if between != "ended":
        await store.sessions.commit(step("asks again", draft=draft(given=("3",))))
    before = await store.everything()
    late = step("sms:1", record("stock", stock("SRO", 12)), changes={"language": "bm"}, expects=looked.count)
    with pytest.raises(Moved):
        await store.sessions.commit(late)
    assert await store.everything() == before

    again = await store.sessions.look("sms:1", AWA, 1, NOW)
    assert await store.sessions.commit(step("sms:1", expects=again.count)) == ("END sms:1", True)
