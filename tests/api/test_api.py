"""What other systems read: as they asked, within their area, with a token that is for it and good."""

import asyncio

import pytest

from bot.accounts import SCOPES
from bot.house import House
from tests.api.conftest import NANA, OUMOU, Comes, System

BLA = "ML/SEG/BLA"
LISTS = ("/contacts", "/reports", "/alerts", "/outbox", "/flows")


async def gathered(system: System, path: str, **query: str) -> list[dict[str, object]]:
    """All pages."""
    found, cursor = [], ""
    while True:
        answer = await system.reads(path, **query, **({"cursor": cursor} if cursor else {}))
        assert answer.status == 200, answer.said
        found += answer.said["data"]
        if answer.said["next"] is None:
            return found
        cursor = answer.said["next"]


@pytest.mark.usefixtures("reported")
async def test_each_list_is_read_whole_page_by_page(system: Comes) -> None:
    dhis2 = await system()
    for path in LISTS:
        at_once = await gathered(dhis2, path, limit="500")
        assert at_once, path
        assert await gathered(dhis2, path, limit="1") == at_once, path


@pytest.mark.usefixtures("reported")
async def test_what_is_read_is_what_was_said(system: Comes) -> None:
    dhis2 = await system()
    stock = await gathered(dhis2, "/reports", kind="stock")
    assert [row["answers"]["product"] for row in stock] == ["SRO", "SRO", "CTE"]  # type: ignore[index]
    assert stock[0]["corrects"] == stock[1]["id"]
    assert [row["msisdn"] for row in await gathered(dhis2, "/reports", kind="checkin")] == [NANA]
    assert {one["msisdn"] for one in await gathered(dhis2, "/alerts", state="open", kind="silent")} == {
        OUMOU,
        NANA,
    }
    assert await gathered(dhis2, "/alerts", state="resolved") == []
    assert {one["kind"] for one in await gathered(dhis2, "/outbox", kind="reply")} == {"reply"}
    oumou = (await dhis2.reads(f"/contacts/{OUMOU}")).said
    assert (oumou["name"], oumou["org_path"]) == ("Oumou Dembélé", f"{BLA}/FALO")
    assert {one["role"] for one in await gathered(dhis2, "/contacts", role="dtc", active="true")} == {"dtc"}
    assert (await dhis2.reads("/flows/stock")).said["yaml"].lstrip()


@pytest.mark.usefixtures("reported")
async def test_since_and_until_bound_what_is_read(house: House, system: Comes) -> None:
    dhis2 = await system()
    for path in ("/reports", "/alerts", "/outbox"):
        assert await gathered(dhis2, path, since="2020-01-01T00:00:00Z", until="2999-01-01T00:00:00Z")
        assert await gathered(dhis2, path, since="2999-01-01T00:00:00Z") == []
        assert await gathered(dhis2, path, until="2020-01-01T00:00:00Z") == []
    last = (await gathered(dhis2, "/outbox"))[0]["made"]
    assert last not in [one["made"] for one in await gathered(dhis2, "/outbox", until=str(last))]


@pytest.mark.usefixtures("reported")
async def test_what_was_archived_is_read_in_its_place(house: House, system: Comes) -> None:
    dhis2 = await system()
    await house.worker().once()
    for number in await house.alerts.numbers(0):
        await house.alerts.resolve(number, OUMOU, "Oumou", house.clock())
    before = {path: await gathered(dhis2, path) for path in ("/outbox", "/alerts")}
    assert await house.archiving.older(house.clock() + 100 * 86_400_000, 1)
    for path, whole in before.items():
        for limit in ("1", "500"):
            assert await gathered(dhis2, path, limit=limit) == whole, (path, limit)
    for file in house.archived.archives.files():
        file.unlink()
    refused = await dhis2.reads("/alerts")
    assert (refused.status, refused.kind) == (503, "application/problem+json")


@pytest.mark.usefixtures("reported")
async def test_nothing_outside_the_area_is_read(system: Comes) -> None:
    bla = await system(area=BLA)
    for path in ("/contacts", "/reports", "/alerts"):
        found = await gathered(bla, path)
        assert found, path
        assert {str(one["org_path"]).startswith(BLA) for one in found} == {True}
    assert NANA not in {one["to"] for one in await gathered(bla, "/outbox")}
    assert (await bla.reads(f"/contacts/{NANA}")).status == 404
    assert (await gathered(bla, "/reports", unit="NIO")) == []


async def test_a_token_is_for_its_scopes_only(system: Comes) -> None:
    for scope in SCOPES:
        one = await system(scope)
        statuses = {path: (await one.reads(path)).status for path in LISTS}
        own = f"/{scope.partition(':')[0]}"
        assert statuses == {path: 200 if path == own else 403 for path in LISTS}


async def test_who_has_no_good_token_reads_nothing(house: House, system: Comes) -> None:
    good = await system()
    begins, id_, secret = good.token.split(".")
    wrong = ("", "x", f"{begins}.{id_}", f"{begins}.{id_}.", f"{begins}.nobody.{secret}", f"{good.token}x")
    for text in (*wrong, f"{begins}.{id_}.{'x' * 500}", f"other.{id_}.{secret}"):
        answer = await System(good.client, good.url, text).reads("/contacts")
        assert (answer.status, answer.kind) == (401, "application/problem+json")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    token = await house.admission.tokens.get(id_)
    assert token is not None
    assert secret not in repr(token)
    await house.admission.revoke(token)
    await house.admission.revoke(token)
    assert (await good.reads("/contacts")).status == 401


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/contacts", {"limit": "0"}),
        ("/contacts", {"limit": "501"}),
        ("/contacts", {"role": "queen"}),
        ("/contacts", {"nothing": "1"}),
        ("/reports", {"since": "yesterday"}),
        ("/reports", {"since": "2026-11-01T00:00:00"}),
        ("/reports", {"cursor": "1_2"}),
        ("/outbox", {"cursor": "1_2_³"}),
        ("/alerts", {"state": "closed"}),
        ("/flows/stock", {"limit": "1"}),
    ],
)
async def test_what_is_asked_wrongly_is_said(system: Comes, path: str, query: dict[str, str]) -> None:
    answer = await (await system()).reads(path, **query)
    assert (answer.status, answer.kind) == (400, "application/problem+json")
    assert answer.said["detail"]


async def test_what_is_not_there_is_said(system: Comes) -> None:
    dhis2 = await system()
    for path in ("/nothing", "/contacts/12", "/contacts/+22379999999", "/flows/nothing", "/"):
        answer = await dhis2.reads(path)
        assert (answer.status, answer.said["status"]) == (404, 404), path
    refused = await dhis2.reads("/contacts", method="POST")
    assert (refused.status, refused.headers["Allow"]) == (405, "GET")


async def test_a_token_that_asks_too_much_waits(system: Comes) -> None:
    greedy, other = await system("flows:read"), await system("flows:read")
    answers = await asyncio.gather(*(greedy.reads("/flows/stock") for _ in range(200)))
    assert {answer.status for answer in answers} == {200, 429}
    assert {one.headers["Retry-After"] for one in answers if one.status == 429} == {"1"}
    assert (await other.reads("/flows/stock")).status == 200


async def test_what_is_read_is_noted_once_a_day(house: House, system: Comes) -> None:
    dhis2 = await system()
    for _ in range(3):
        await dhis2.reads("/contacts")
    noted = [one async for one in house.audit.newest() if one.what in ("api.read", "token.add")]
    assert [(one.what, one.subject.partition(" ")[0]) for one in noted] == [
        ("api.read", "/contacts"),
        ("token.add", "DHIS2"),
    ]
    assert dhis2.token.rpartition(".")[2] not in repr(noted)
