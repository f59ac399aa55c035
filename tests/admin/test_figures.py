"""Completeness and stock at the console: counted from the projections, down the health map, in one's own area."""

from datetime import date

import pytest
from aiohttp import ClientSession

from bot.accounts import Account
from bot.admin.areas import chosen_from
from bot.app import listening, open_house, prepare
from bot.config import Settings
from bot.flow.release import Source
from bot.people import Unit
from tests.admin.conftest import Comes
from tests.admin.visitor import Visitor, somebody
from tests.calls import Phone
from tests.worker.work import Clock

OUMOU, MOUSSA, NANA = "+22370000002", "+22370000004", "+22370000015"
BLA, FALO = "ML/SEG/BLA", "ML/SEG/BLA/FALO"
DAY = 24 * 3600


@pytest.fixture
async def counted(stranger: Visitor) -> None:
    """Oumou has run out of SRO and has too much zinc, Moussa has little SRO; Nana is far away."""
    await Phone(stranger.client, stranger.url, OUMOU).writes("STOCK SRO 0 ZIN 150", "a")
    await Phone(stranger.client, stranger.url, MOUSSA).writes("STOCK SRO 3 ZIN 240", "b")
    await Phone(stranger.client, stranger.url, NANA).writes("STOCK SRO 0", "c")


@pytest.mark.usefixtures("counted")
async def test_the_grid_goes_down_to_the_people(comes: Comes) -> None:
    viewer = await comes("viewer")
    top = (await viewer.opens("/stock?product=SRO")).text
    assert "Ségou" in top
    assert "2/3" in top
    assert "ZIN</th>" not in top
    assert ">1/2<" in (await viewer.opens(f"/stock?area={BLA}&state=low")).text
    assert "mark over" in (await viewer.opens(f"/stock?area={BLA}&state=over")).text
    leaf = (await viewer.opens(f"/stock?area={FALO}")).text
    for text in (
        'class="mark bad">0<',
        'class="mark warn">3<',
        'class="mark good">150<',
        'class="mark over">240<',
    ):
        assert text in leaf
    assert "Oumou Dembélé" in leaf
    assert "Nana" not in leaf
    taken = (await viewer.opens(f"/stock?area={FALO}&format=csv")).body.decode("utf-8-sig")
    assert "SRO" in taken.splitlines()[0]


@pytest.mark.usefixtures("counted")
async def test_stock_and_completeness_of_her_area_only(comes: Comes) -> None:
    viewer = await comes("viewer", BLA)
    for page in ("stock", "completeness"):
        text = (await viewer.opens(f"/{page}")).text
        assert "Niono" not in text
        for path in ("ML", "ML/SEG/NIO", "nowhere"):
            assert (await viewer.opens(f"/{page}?area={path}")).status == 404
    assert "Aucun ASC ici" in (await (await comes("viewer")).opens("/stock?area=nowhere")).text


async def test_complete_and_on_time_are_two_things(own: Settings, shipped: Source) -> None:
    """Oumou counts on Monday, when it is due, Moussa on Wednesday; both check in on Monday, Oumou on Tuesday too."""
    clock = Clock()
    async with open_house(own, clock) as house:
        clock.now = house.figures.calendar.at(date(2026, 11, 16), "10:00")
        await prepare(house, shipped, with_demo=True)
        async with listening(house, simulator=False) as url, ClientSession() as client:
            oumou, moussa = Phone(client, url, OUMOU), Phone(client, url, MOUSSA)
            for phone in (oumou, moussa):
                await phone.writes("PRESENT")
            await oumou.writes("STOCK SRO 20")
            clock.passes(DAY)
            await oumou.writes("PRESENT")
            clock.passes(DAY)
            await moussa.writes("STOCK SRO 20")
            viewer = await somebody(house, url, "viewer", "viewer")
            week = (await viewer.opens(f"/completeness?area={FALO}&report=stock&period=2026W47")).text
            assert ">2 / 6<" in week
            assert ">1 / 6<" in week
            days = (await viewer.opens(f"/completeness?area={FALO}")).text
            assert days.count(">3 / 18<") == 2
            month = (await viewer.opens(f"/completeness?area={FALO}&report=month")).text
            assert "Rien n’était attendu" in month
            assert (await viewer.opens("/completeness?period=202610&report=stock&format=xlsx")).status == 200
            await viewer.client.close()


def test_a_list_of_places_stays_short_enough_for_a_slow_line() -> None:
    centres = [Unit(f"C{one}", f"CSCom {one}", f"D{one % 5}") for one in range(400)]
    districts = [Unit(f"D{one}", f"District {one}", "ML") for one in range(5)]
    units = {unit.code: unit for unit in (Unit("ML", "Mali"), *districts, *centres)}
    assert [path for path, _ in chosen_from(units, Account("x", "viewer"))][:2] == ["ML", "ML/D0"]
    assert len(chosen_from(units, Account("x", "viewer"))) == 6
    assert len(chosen_from(units, Account("x", "viewer", "ML/D0"))) == 81
