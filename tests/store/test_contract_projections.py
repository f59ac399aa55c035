"""What follows from the ledger, written in the same call: the latest, what stands behind it, counts, years, days."""

import pytest

from bot.store.keys import DAY_KEPT
from bot.store.ledger import Row
from bot.store.sessions import Record
from tests.store.contract_store import AWA, BINTA, DAY, HOUR, NOW, Store, record, step, stock

pytestmark = pytest.mark.asyncio(loop_scope="session")

TODAY, TOMORROW, MONTH = "20261121", "20261122", "202611"
SECONDS = DAY_KEPT.total_seconds()


async def keep(store: Store, *records: Record, request: str = "") -> list[Row]:
    """The rows of one step."""
    before = {row.id for row in await store.rows()}
    name = request or f"step {len(before)} {records[0].at}"
    await store.sessions.commit(step(name, *records, msisdn=records[0].msisdn))
    return [row for row in await store.rows() if row.id not in before]


async def known(store: Store) -> dict[str, str]:
    return await store.hash(store.shard().known(AWA))


async def year(store: Store, of: int = 2026) -> dict[str, str]:
    return await store.hash(f"{store.shard().years(AWA)}{of}")


async def standing(store: Store) -> dict[str, str]:
    """The id of the latest row of each subject."""
    return {row.subject: row.id for row in await store.sessions.last(AWA)}


async def test_a_stock_report(store: Store) -> None:
    sro, cte = await keep(store, record("stock", stock("SRO", 12), stock("CTE", 0)))
    assert await standing(store) == {"stock:SRO": sro.id, "stock:CTE": cte.id}
    assert await known(store) == {"stock:SRO": f"12@{NOW}", "stock:CTE": f"0@{NOW}", "stock": f"@{NOW}"}
    counts = {
        "FALO|stock.SRO": 1,
        "FALO|stock.SRO.quantity": 12,
        "FALO|stock.CTE": 1,
        "FALO|stock.CTE.quantity=0": 1,
    }
    assert await store.counts(TODAY) == await store.counts(MONTH) == counts
    assert await store.said_on(TODAY) == {f"stock:{AWA}"}
    assert await year(store) == {"s47": "SRO=12 CTE=0"}
    last = await store.sessions.last(AWA)
    assert [(row.kind, row.answers, row.at, row.entry) for row in last] == [
        ("stock", {"product": "SRO", "quantity": 12}, NOW, sro.id.rpartition("-")[0]),
        ("stock", {"product": "CTE", "quantity": 0}, NOW, sro.id.rpartition("-")[0]),
    ]


async def test_a_checkin_with_options_lists_and_free_text(store: Store) -> None:
    answers = {"status": "problem", "seen": ["malaria", "cough"], "malaria": 3, "said": "Bonjour à tous"}
    (row,) = await keep(store, record("checkin", answers))
    assert await standing(store) == {"checkin": row.id}
    assert await known(store) == {"checkin": f"problem@{NOW}"}
    assert await store.counts(TODAY) == {
        "FALO|checkin": 1,
        "FALO|checkin.status=problem": 1,
        "FALO|checkin.seen=malaria": 1,
        "FALO|checkin.seen=cough": 1,
        "FALO|checkin.malaria": 3,
    }
    assert await year(store) == {"c325": "p"}


async def test_each_unit_and_day_is_counted_by_itself(store: Store) -> None:
    for at in (NOW, NOW + DAY):
        await keep(store, record("stock", stock("SRO", 5), at=at, session=str(at)))
    await keep(store, record("stock", stock("SRO", 7), at=NOW + DAY, unit="DIARA", session="moved"))
    assert await store.counts(TODAY) == {"FALO|stock.SRO": 1, "FALO|stock.SRO.quantity": 5}
    both = {"DIARA|stock.SRO": 1, "DIARA|stock.SRO.quantity": 7}
    assert await store.counts(TOMORROW) == both | {"FALO|stock.SRO": 1, "FALO|stock.SRO.quantity": 5}
    assert await store.counts(MONTH) == both | {"FALO|stock.SRO": 2, "FALO|stock.SRO.quantity": 10}
    assert await year(store) == {"s47": "SRO=7"}


async def test_the_week_of_a_new_year_is_in_the_year_it_belongs_to(store: Store) -> None:
    new_year = NOW + 41 * DAY  # Friday, 1 January 2027: still week 53 of 2026
    await keep(store, record("stock", stock("SRO", 5), at=new_year))
    await keep(store, record("checkin", {"status": "absent"}, at=new_year))
    assert await year(store) == {"s53": "SRO=5"}
    assert await year(store, 2027) == {"c1": "a"}
    assert await store.differences() == []


async def test_a_day_is_kept_for_a_season_and_a_month_for_ever(store: Store) -> None:
    await keep(store, record("checkin", {"status": "present"}))
    shard = store.shard()
    for key in (f"{shard.counts}{TODAY}", f"{shard.days}{TODAY}"):
        assert SECONDS - 60 < await store.ask("TTL", key) <= SECONDS
    for key in (f"{shard.counts}{MONTH}", f"{shard.years(AWA)}2026", shard.last(AWA), shard.ledger(MONTH)):
        assert await store.ask("TTL", key) == -1


async def test_a_correction_replaces_what_stood_wherever_it_was_counted(store: Store) -> None:
    (first,) = await keep(store, record("stock", stock("SRO", 12)))
    (second,) = await keep(
        store,
        record("stock", stock("SRO", 2), at=NOW + 10 * DAY, unit="DIARA", session="later", corrects=True),
    )
    assert (first.corrects, second.corrects) == ("", first.id)
    assert await store.counts(TODAY) == {}
    assert await store.said_on(TODAY) == set()
    assert await store.counts("20261201") == {"DIARA|stock.SRO": 1, "DIARA|stock.SRO.quantity": 2}
    assert (await store.counts(MONTH), await store.said_on("20261201")) == ({}, {f"stock:{AWA}"})
    assert await year(store) == {"s49": "SRO=2"}
    assert await known(store) == {
        f"stock{name}": f"{n}@{NOW + 10 * DAY}" for name, n in (("", ""), (":SRO", 2))
    }
    assert await store.differences() == []


async def test_of_a_report_once_a_day_the_last_counts(store: Store) -> None:
    (first,) = await keep(store, record("checkin", {"status": "absent"}, session="1", once="day"))
    (second,) = await keep(
        store, record("checkin", {"status": "present"}, session="2", once="day", at=NOW + 1)
    )
    (next_day,) = await keep(
        store, record("checkin", {"status": "present"}, session="3", once="day", at=NOW + DAY)
    )
    assert [first.corrects, second.corrects, next_day.corrects] == ["", first.id, ""]
    assert await store.counts(MONTH) == {"FALO|checkin": 2, "FALO|checkin.status=present": 2}
    assert await year(store) == {"c325": "p", "c326": "p"}


async def test_what_is_said_again_in_the_same_call_corrects_it(store: Store) -> None:
    (first,) = await keep(store, record("stock", stock("SRO", 12), session="1"))
    again, other = await keep(
        store, record("stock", stock("SRO", 2), stock("CTE", 1), session="1", at=NOW + 1)
    )
    (another_call,) = await keep(store, record("stock", stock("SRO", 9), session="2", at=NOW + 2))
    assert [again.corrects, other.corrects, another_call.corrects] == [first.id, "", ""]
    assert (await store.counts(TODAY))["FALO|stock.SRO.quantity"] == 11


async def test_a_correction_of_nothing_is_a_report(store: Store) -> None:
    (row,) = await keep(store, record("stock", stock("SRO", 12), corrects=True))
    assert row.corrects == ""
    assert await store.counts(TODAY) == {"FALO|stock.SRO": 1, "FALO|stock.SRO.quantity": 12}


async def test_what_is_taken_back_leaves_what_stood_before_it(store: Store) -> None:
    (monday,) = await keep(store, record("stock", stock("SRO", 12), at=NOW - 5 * DAY, session="1"))
    before = {**await store.everything()}
    (friday,) = await keep(store, record("stock", stock("SRO", 5), at=NOW - DAY, session="2"))
    (back,) = await keep(
        store, record("stock", stock("SRO", 5), at=NOW, session="3", corrects=True, void=True)
    )
    assert (back.corrects, await standing(store)) == (friday.id, {"stock:SRO": monday.id})
    assert await known(store) == {"stock:SRO": f"12@{NOW - 5 * DAY}", "stock": f"@{NOW - 5 * DAY}"}
    assert await year(store) == {"s47": "SRO=12"}
    assert await store.counts("20261120") == {}
    assert await store.said_on("20261120") == await store.said_on(TODAY) == set()
    assert await store.said_on("20261116") == {f"stock:{AWA}"}
    shard = store.shard()
    after = await store.everything()
    for key in (shard.known(AWA), f"{shard.counts}{MONTH}", f"{shard.years(AWA)}2026"):
        assert after[key.encode()] == before[key.encode()]
    # And once more: nothing is left.
    await keep(store, record("stock", stock("SRO", 12), at=NOW + 1, session="4", corrects=True, void=True))
    assert (await standing(store), await known(store), await year(store)) == ({}, {}, {})
    assert await store.counts(MONTH) == {}
    assert await store.differences() == []


async def test_what_is_taken_back_after_a_correction_is_not_what_was_corrected(store: Store) -> None:
    """Taking back a correction does not bring back the mistake."""
    (monday,) = await keep(store, record("stock", stock("SRO", 12), at=NOW - 5 * DAY, session="1"))
    await keep(store, record("stock", stock("SRO", 999), at=NOW - DAY, session="2"))
    await keep(store, record("stock", stock("SRO", 9), at=NOW - HOUR, session="3", corrects=True))
    await keep(store, record("stock", stock("SRO", 9), at=NOW, session="4", corrects=True, void=True))
    assert await standing(store) == {"stock:SRO": monday.id}
    assert await store.counts(MONTH) == {"FALO|stock.SRO": 1, "FALO|stock.SRO.quantity": 12}


async def test_taking_back_one_product_leaves_the_others_of_that_day(store: Store) -> None:
    await keep(store, record("stock", stock("CTE", 3), session="1"))
    await keep(store, record("stock", stock("SRO", 5), at=NOW + HOUR, session="2"))
    await keep(
        store, record("stock", stock("SRO", 5), at=NOW + 2 * HOUR, session="3", corrects=True, void=True)
    )
    assert await store.said_on(TODAY) == {f"stock:{AWA}"}
    assert await known(store) == {"stock:CTE": f"3@{NOW}", "stock": f"@{NOW}"}
    assert await year(store) == {"s47": "CTE=3"}
    await keep(store, record("stock", stock("CTE", 3), at=NOW + DAY, session="4", corrects=True, void=True))
    assert await store.said_on(TODAY) == await store.said_on(TOMORROW) == set()
    assert await known(store) == {}
    assert await store.differences() == []


async def test_taking_back_nothing_changes_nothing(store: Store) -> None:
    await keep(store, record("checkin", {"status": "present"}))
    before = {**await store.hash(store.shard().known(AWA))}, await store.counts(MONTH)
    (row,) = await keep(store, record("stock", stock("SRO", 5), corrects=True, void=True))
    assert row.corrects == ""
    assert (await known(store), await store.counts(MONTH)) == before
    assert await store.differences() == []


async def test_a_report_that_comes_late_stands_behind_what_was_said_since(store: Store) -> None:
    """The unfinished call of yesterday evening is kept as a partial report today, after this morning's report."""
    (today,) = await keep(store, record("stock", stock("SRO", 3), session="today"))
    late = record(
        "stock", stock("SRO", 9) | {"partial": "yes"}, stock("CTE", 4), at=NOW - DAY, session="call"
    )
    await keep(store, late)
    assert (await standing(store))["stock:SRO"] == today.id
    assert await known(store) == {"stock:SRO": f"3@{NOW}", "stock:CTE": f"4@{NOW - DAY}", "stock": f"@{NOW}"}
    assert await year(store) == {"s47": "SRO=3 CTE=4"}
    assert (await store.counts("20261120"))["FALO|stock.SRO.quantity"] == 9
    await keep(store, record("stock", stock("SRO", 3), at=NOW + 1, session="x", corrects=True, void=True))
    assert await known(store) == {
        "stock:SRO": f"9@{NOW - DAY}",
        "stock:CTE": f"4@{NOW - DAY}",
        "stock": f"@{NOW - DAY}",
    }
    assert await store.differences() == []


async def test_of_two_late_reports_the_later_one_stands_behind(store: Store) -> None:
    await keep(store, record("stock", stock("SRO", 3), session="today"))
    await keep(store, record("stock", stock("SRO", 9), at=NOW - DAY, session="1"))
    await keep(store, record("stock", stock("SRO", 8), at=NOW - 2 * DAY, session="2"))
    await keep(store, record("stock", stock("SRO", 3), at=NOW + 1, session="x", corrects=True, void=True))
    assert (await known(store))["stock:SRO"] == f"9@{NOW - DAY}"
    assert await store.differences() == []


async def test_a_late_report_of_the_month_before_is_told_again_as_it_was_written(store: Store) -> None:
    first = NOW + 10 * DAY
    await keep(store, record("stock", stock("SRO", 3), at=first, session="first"))
    await keep(store, record("stock", stock("SRO", 9), at=first - DAY, session="call"))
    await keep(store, record("stock", stock("SRO", 4), at=first + 1, session="x", corrects=True))
    assert await store.counts(MONTH) == {"FALO|stock.SRO": 1, "FALO|stock.SRO.quantity": 9}
    assert await store.counts("202612") == {"FALO|stock.SRO": 1, "FALO|stock.SRO.quantity": 4}
    assert await store.differences() == []


async def test_a_day_that_is_forgotten_stays_so_when_it_is_corrected(store: Store) -> None:
    await keep(store, record("stock", stock("SRO", 12)))
    shard = store.shard()
    await store.ask("DEL", f"{shard.counts}{TODAY}", f"{shard.days}{TODAY}")
    assert await store.differences() == []
    await keep(store, record("stock", stock("SRO", 2), at=NOW + 120 * DAY, session="late", corrects=True))
    assert await store.counts(TODAY) == {}
    assert await store.counts(MONTH) == {}
    assert await store.differences() == []


async def test_two_contacts_of_one_shard_are_counted_together_and_known_apart(store: Store) -> None:
    one = Store(store.server, shards=1)
    for msisdn in (AWA, BINTA):
        await keep(one, record("stock", stock("SRO", 5), msisdn=msisdn))
    assert await one.counts(TODAY) == {"FALO|stock.SRO": 2, "FALO|stock.SRO.quantity": 10}
    assert await one.said_on(TODAY) == {f"stock:{AWA}", f"stock:{BINTA}"}
    taken_back = record("stock", stock("SRO", 5), msisdn=BINTA, at=NOW + 1, corrects=True, void=True)
    await keep(one, taken_back)
    assert await one.said_on(TODAY) == {f"stock:{AWA}"}
    assert [row.msisdn for row in await one.rows()] == [AWA, BINTA, BINTA]
    assert await one.differences() == []


@pytest.mark.parametrize("what", ["known", "last", "counts", "years", "days"])
async def test_what_was_lost_or_written_elsewhere_is_told(store: Store, what: str) -> None:
    await keep(store, record("stock", stock("SRO", 12)))
    shard = store.shard()
    keys = {
        "known": (shard.known(AWA), "stock:SRO"),
        "last": (shard.last(AWA), "stock:SRO"),
        "counts": (f"{shard.counts}{MONTH}", "FALO|stock.SRO"),
        "years": (f"{shard.years(AWA)}2026", "s47"),
        "days": (f"{shard.days}{TODAY}", f"stock:{AWA}"),
    }
    key, name = keys[what]
    kept = (await store.hash(key))[name]
    before = await store.everything()
    await store.ask("HSET", key, name, kept.replace("12", "13") if "12" in kept else "9")
    (difference,) = await store.differences()
    assert difference.startswith(f"{key}: kept ")
    await store.ask("HSET", key, name, kept)
    assert await store.differences() == []
    assert set(await store.everything()) == set(before)  # and comparing left nothing behind


async def test_what_is_gone_is_told_but_for_a_day_that_had_its_time(store: Store) -> None:
    await keep(store, record("stock", stock("SRO", 12)))
    shard = store.shard()
    await store.ask("DEL", f"{shard.counts}{TODAY}", f"{shard.days}{TODAY}")
    assert await store.differences() == []
    await store.ask("DEL", shard.known(AWA), f"{shard.counts}{MONTH}")
    assert [told.partition(": kept None")[0] for told in await store.differences()] == [
        f"{shard.counts}{MONTH}",
        shard.known(AWA),
    ]
