"""What was archived, at the console: found by its words and its days, read, and not to be changed any more."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.house import House
from bot.messages import Inbound
from bot.store.alerts import Raised
from bot.store.outbox import Body, message
from tests.admin.conftest import Comes
from tests.admin.sheets import looks, rows_of_csv
from tests.browser.furnished import NANA, OUMOU

BLA, NIO = "ML/SEG/BLA", "ML/SEG/NIO"
AGO = (400, 300, 299, 240)
"""Days since four messages to Oumou were made, and four alerts opened of her."""


TODAY = datetime.now(UTC).date()


def day(ago: int) -> date:
    return TODAY - timedelta(days=ago)


def moment(house: House, ago: int) -> int:
    """Midday of that day (Unix ms)."""
    return house.figures.calendar.at(day(ago), "12:00")


def raised(subject: str, at: int) -> Raised:
    said = '{"product":"SRO"}'
    return Raised("stockout", subject, OUMOU, "Oumou", "FALO", f"{BLA}/FALO", "", said, at)


@pytest.fixture
async def old(house: House) -> dict[int, int]:
    """Alerts by how many days ago they were opened; she and Nana said something today, too."""
    for ago in AGO:
        body = Body(to=OUMOU, kind="reply", channel="simulator", text=f"Rappel numéro {ago}", urgent=True)
        await house.outbox.queue([message(f"reply:{ago}:{OUMOU}", body, moment(house, ago))])
    for number, who in enumerate((OUMOU, NANA)):
        await house.gateway.receive(Inbound("simulator", "sms", f"m{number}", who, "STOCK SRO 0"))
    await house.worker().once()
    numbers = {}
    for ago in AGO:  # after the worker, which archives what is over
        about = raised(f"stockout:{ago}", moment(house, ago))
        numbers[ago] = await house.alerts.open(about)
        await house.alerts.resolve(numbers[ago], OUMOU, "Oumou", moment(house, ago) + 1)
    return numbers


async def archived(house: House) -> None:
    moved = await house.archiving.older(house.clock(), 6)
    kinds = {one.file.partition("-")[0]: 0 for one in moved}
    assert kinds.keys() == {"outbox", "alerts"}
    assert sum(one.many for one in moved) == 2 * len(AGO)
    house.figures.forget()


async def test_a_message_of_months_ago_is_found_by_its_words_and_days(
    house: House, comes: Comes, old: dict[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    editor, elsewhere = await comes("editor", BLA), await comes("viewer", NIO)
    whole = await looks(editor, "/outbox?q=numéro")
    assert [row[4] for row in whole.rows] == [f"Rappel numéro {ago}" for ago in reversed(AGO)]
    await archived(house)
    within = f"since={day(300)}&until={day(299)}"
    found = await looks(editor, f"/outbox?q=numéro&{within}")
    assert [row[4] for row in found.rows] == ["Rappel numéro 299", "Rappel numéro 300"]
    assert (await looks(elsewhere, f"/outbox?{within}")).rows == []
    assert (await looks(editor, f"/outbox?since={day(298)}&until={day(241)}")).rows == []
    assert (await looks(editor, f"/outbox?q=numéro {OUMOU[4:]}&{within}")).rows == found.rows
    for form in ("", f"&{within}"):
        taken = rows_of_csv(await editor.opens(f"/outbox?q=numéro&format=csv{form}"))
        assert [row[4] for row in taken] == [row[4] for row in (found if form else whole).rows]
    rows, here = [], "/outbox?q=numéro"
    monkeypatch.setattr("bot.admin.looking.ON_A_PAGE", 1)
    for _ in range(12):
        page = await looks(editor, here)
        assert len(page.rows) <= 1
        rows += page.rows
        if page.onward is None:
            break
        here = f"/outbox{page.onward}"
    assert rows == whole.rows
    assert old.keys() == set(AGO)


@pytest.mark.usefixtures("old")
async def test_an_archived_message_is_read_and_not_sent_again(house: House, comes: Comes) -> None:
    editor, elsewhere = await comes("editor", BLA), await comes("viewer", NIO)
    await archived(house)
    month = f"{day(400):%Y%m}"
    address = f"/outbox/message?id=reply:400:%2B{OUMOU[1:]}&month="
    listed = await editor.opens(f"/outbox?until={day(400)}")
    assert f"/admin/outbox/message?id=reply%3A400%3A%2B{OUMOU[1:]}&month={month}" in listed.text
    shown = await editor.opens(address + month)
    assert "Rappel numéro 400" in shown.text
    assert ("dans les archives" in shown.text, 'name="deed"' in shown.text) == (True, False)
    refused = [f"{day(240):%Y%m}", "", "209901", "../x", "20261"]
    assert {(await editor.opens(address + wrong)).status for wrong in refused} == {404}
    assert (await elsewhere.opens(address + month)).status == 404
    await editor.opens("/me")
    assert (await editor.sends("/outbox/message", id=f"reply:400:{OUMOU}", deed="again")).status == 404
    assert "Rappel numéro 400" in (await editor.opens(f"/roster/{OUMOU}")).text


async def test_alerts_of_a_month_are_listed_and_read(house: House, comes: Comes, old: dict[int, int]) -> None:
    editor, elsewhere = await comes("editor", BLA), await comes("editor", NIO)
    month = f"{day(300):%Y%m}"
    before = await looks(editor, f"/alerts?month={month}&sort=number")
    page = (await editor.opens(f"/alerts/{old[300]}")).text
    assert {str(old[300])} <= {row[0] for row in before.rows}
    await archived(house)
    assert await looks(editor, f"/alerts?month={month}&sort=number") == before
    assert (await looks(elsewhere, f"/alerts?month={month}")).rows == []
    latest = await looks(editor, "/alerts")
    assert str(old[300]) not in {row[0] for row in latest.rows}
    assert dict(latest.choices)["month"][-1] == f"{day(400):%Y%m}"
    shown = await editor.opens(f"/alerts/{old[300]}")
    log = page.partition('<ol class="told log">')[2].partition("</ol>")[0]
    assert ("Signalée" in log, log in shown.text, "dans les archives" in shown.text) == (True, True, True)
    assert 'name="deed"' not in shown.text
    assert (await elsewhere.opens(f"/alerts/{old[300]}")).status == 404
    await editor.opens("/me")
    for deed in ("comment", "resolve"):
        refused = await editor.sends(f"/alerts/{old[300]}", deed=deed, text="trop tard")
        assert (refused.status, "dans les archives" in refused.text) == (409, True)


async def test_a_console_without_the_files_says_so(house: House, comes: Comes, old: dict[int, int]) -> None:
    editor = await comes("editor")
    await archived(house)
    for file in house.archived.archives.files():
        file.unlink()
    month = f"{day(300):%Y%m}"
    for path in ("/outbox", f"/outbox?until={day(240)}", f"/roster/{OUMOU}"):
        answer = await editor.opens(path)
        assert (answer.status, "fichiers d’archives, qui ne sont pas" in answer.text) == (200, True), path
    assert "Nana" in (await editor.opens("/outbox")).text
    for path in (
        f"/outbox/message?id=x&month={month}",
        f"/alerts?month={month}",
        f"/alerts/{old[300]}",
        "/outbox?format=csv",
    ):
        answer = await editor.opens(path)
        assert (answer.status, "Archives absentes" in answer.text) == (503, True), path
    assert (await editor.opens("/alerts")).status == 200
