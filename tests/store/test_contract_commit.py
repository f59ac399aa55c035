"""A step in the store: kept whole or not at all, and once; the second time is answered as the first."""

import asyncio
from typing import Any

import pytest
from msgspec import json, structs
from redis.exceptions import ResponseError

from bot.store.keys import Shard
from bot.store.outbox import Body
from bot.store.sessions import Message
from tests.store.contract_store import AWA, NOW, Store, draft, message, record, step, stock

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHOLE = step(
    "ussd:1",
    record("stock", stock("SRO", 12), stock("CTE", 0), session="ATUid_1"),
    record("checkin", {"status": "present"}, session="ATUid_1", once="day"),
    changes={"language": "bm"},
    messages=(message("tell:1"), message("reply:1")),
    draft=draft(),
    session="ATUid_1",
    said="2\x1f12\x1f0",
)


async def test_a_step_is_kept_whole(store: Store) -> None:
    await store.sessions.open("ATUid_1", AWA, 1, NOW, deep=False)
    assert await store.sessions.commit(WHOLE) == ("END ussd:1", True)
    rows = await store.rows()
    assert [(row.kind, row.answers) for row in rows] == [
        ("stock", {"product": "SRO", "quantity": 12}),
        ("stock", {"product": "CTE", "quantity": 0}),
        ("checkin", {"status": "present"}),
    ]
    looked = await store.sessions.look("ussd:1", AWA, 1, NOW)
    assert (looked.first, looked.pin.contact["language"], looked.draft is None) == ("END ussd:1", "bm", False)
    _, said = await store.sessions.open("ATUid_1", AWA, 1, NOW, deep=False)
    assert said == ("2", "12", "0")
    assert {name: line.state for name, line in (await store.lines()).items()} == {
        "tell:1": "queued",
        "reply:1": "queued",
    }


async def test_a_row_is_what_was_said_with_who_when_and_where(store: Store) -> None:
    await store.sessions.commit(step("one", record("stock", stock("SRO", 12), stock("CTE", 5))))
    first, second = map(structs.asdict, await store.rows())
    entry, _, index = first.pop("id").rpartition("-")
    assert index == "0"
    assert second.pop("id") == f"{entry}-1"
    assert entry.endswith(f"-{store.shard().number:02d}")
    assert first == {
        "kind": "stock",
        "contact": "Awa Traoré",
        "msisdn": AWA,
        "role": "asc",
        "org_unit": "FALO",
        "org_path": "ML/FALO",
        "flow": "stock",
        "flow_version": 2,
        "channel": "ussd",
        "session": "call",
        "language": "bm",
        "answers": {"product": "SRO", "quantity": 12},
        "raw": "2*1*12",
        "corrects": "",
        "at": "2026-11-21T09:12:00.000+00:00",
    }
    assert second == first | {"answers": {"product": "CTE", "quantity": 5}}


async def test_answers_stand_in_the_order_they_were_given(store: Store) -> None:
    typed = {"zinc": 1, "seen": ["none"], "absent": "no", "Été": "dɔgɔtɔrɔ", "days": 0, "b": "", "a": []}
    await store.sessions.commit(step("one", record("quiz", typed)))
    (row,) = await store.rows()
    assert list(row.answers.items()) == list(typed.items())


async def test_the_second_time_changes_nothing_and_gets_the_first_answer(store: Store) -> None:
    await store.sessions.open("ATUid_1", AWA, 1, NOW, deep=False)
    await store.sessions.commit(WHOLE)
    before = await store.everything()
    other = structs.replace(WHOLE, reply="END otherwise", records=(record("alert", {"event": "cholera"}),))
    assert await store.sessions.commit(WHOLE) == ("END ussd:1", False)
    assert await store.sessions.commit(other) == ("END ussd:1", False)
    assert await store.everything() == before


async def test_of_many_at_once_one_is_first(store: Store) -> None:
    outcomes = await asyncio.gather(*(store.sessions.commit(WHOLE) for _ in range(20)))
    assert sorted(outcomes) == [("END ussd:1", False)] * 19 + [("END ussd:1", True)]
    assert len(await store.rows()) == 3


async def test_a_message_is_made_once_whatever_causes_it_again(store: Store) -> None:
    await store.sessions.commit(step("one", messages=(message("tell:1", text="cholera"),)))
    (claimed,) = await store.claim()
    await store.outbox.settle(claimed, "sent")
    body = Body(to=AWA, kind="tell", text="ebola")
    again = Message("tell:1", json.encode(body).decode(), NOW, NOW)
    await store.sessions.commit(step("two", messages=(again,)))
    assert [(line.text, line.state) for line in (await store.lines()).values()] == [("cholera", "sent")]
    assert await store.claim() == []


def touched(shard: Shard) -> dict[str, str]:
    """The keys a step touches, each by what it holds."""
    return {
        "answered": shard.seen("ussd:1"),
        "call": shard.session("ATUid_1", AWA),
        "draft": shard.draft(AWA),
        "drafts": shard.drafts,
        "contact": shard.contact(AWA),
        "known": shard.known(AWA),
        "last": shard.last(AWA),
        "ledger": shard.ledger("202611"),
        "months": shard.months,
        "day's counts": f"{shard.counts}20261121",
        "month's counts": f"{shard.counts}202611",
        "day": f"{shard.days}20261121",
        "year": f"{shard.years(AWA)}2026",
        "message": f"{shard.messages}tell:1",
        "due": shard.due,
        "outbox": shard.outbox,
    }


@pytest.mark.parametrize("what", [name for name in touched(Shard(0)) if name != "message"])
async def test_a_step_that_cannot_be_kept_whole_leaves_nothing(store: Store, what: str) -> None:
    """A key of another kind stands where it would write: it is refused before it has written anything."""
    key = touched(store.shard())[what]
    await store.ask("GEOADD", key, 0, 0, "x") if what not in ("drafts", "due", "outbox") else None
    if what in ("drafts", "due", "outbox"):
        await store.ask("SET", key, "x")
    before = await store.everything()
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        await store.sessions.commit(WHOLE)
    assert await store.everything() == before
    await store.ask("DEL", key)
    assert await store.sessions.commit(WHOLE) == ("END ussd:1", True)
    assert len(await store.rows()) == 3


ODD: list[dict[str, Any]] = [
    {"quantity": "many"},
    {"product": "SRO", "quantity": "many"},
    {"product": "SRO", "quantity": None},
    {"product": "SRO", "quantity": 1.5},
    {"product": "SRO", "quantity": 10**12},
    {"product": "SRO", "quantity": -1},
    {"product": ["SRO", "CTE"]},
    {"product": 5, "quantity": 5},
    {"status": ["present"]},
    {"status": 3},
    {"status": ""},
    {"seen": [["a"], {"b": 1}, None, True]},
    {"seen": {"a": 1}},
    {"said": "x" * 200, "é": "é", "yes": True, "no": False, "nothing": None},
    {},
]


@pytest.mark.parametrize("kind", ["stock", "checkin"])
async def test_whatever_a_flow_calls_its_answers_they_are_kept_whole(store: Store, kind: str) -> None:
    for number, answers in enumerate(ODD):
        said = await store.sessions.commit(
            step(f"odd:{number}", record(kind, answers, corrects=number % 2 == 1))
        )
        assert said == (f"END odd:{number}", True)
    assert [row.answers for row in await store.rows()] == ODD
    assert await store.differences() == []


async def test_a_function_that_a_primary_has_lost_is_loaded_again(store: Store) -> None:
    await store.server.tick.every_primary("FUNCTION", "FLUSH")
    numbers = [f"+2237600{number:04d}" for number in range(64)]
    steps = [
        step(number, record("stock", stock("SRO", 1), msisdn=number), msisdn=number) for number in numbers
    ]
    outcomes = await asyncio.gather(*map(store.sessions.commit, steps))
    assert [first for _, first in outcomes] == [True] * 64
    await store.server.tick.every_primary("FUNCTION", "FLUSH")
    assert await asyncio.gather(*map(store.sessions.commit, steps)) == [
        (f"END {number}", False) for number in numbers
    ]
    assert len(await store.rows()) == 64


async def test_what_a_function_refuses_is_said_at_once(store: Store) -> None:
    """Only a function that is not there is loaded and called again."""
    with pytest.raises(ResponseError, match="strings or integers"):
        await store.functions.call("k_open", [store.shard().session("ATUid_1", AWA)])
