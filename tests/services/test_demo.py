"""The demo programme is data: it passes the same gate as any roster, under the config.toml we ship."""

import json
from collections import Counter
from datetime import date
from pathlib import Path

from bot import demo
from bot.config import load as load_config
from bot.people import Contact
from bot.services.roster import export_roster, import_roster
from bot.text.msisdn import is_mobile
from tests.services.held import Held

TODAY = date(2026, 11, 21)


async def test_the_demo_is_a_whole_programme(held: Held) -> None:
    assert await demo.load(held, TODAY) == []
    people = held.by_number.values()
    assert Counter(one.role for one in people) == {
        "asc": 24,
        "dtc": 4,
        "district": 2,
        "region": 1,
        "central": 1,
    }
    assert Counter(one.type for one in held.by_code.values()) == {
        "country": 1,
        "region": 2,
        "district": 3,
        "cscom": 4,
    }
    languages = Counter(one.language for one in people if one.role == "asc")
    assert languages == {"bm": 12, "fr": 12}
    for one in people:
        assert is_mobile(one.msisdn)
        assert one.msisdn.startswith("+223700")
        assert one.path == "ML" or one.path.startswith("ML/")
        assert not one.stopped
        if one.role == "asc":
            assert 6 <= len(one.products) <= 10


async def test_everyone_reports_up_to_the_top(held: Held) -> None:
    await demo.load(held, TODAY)
    for one in held.by_number.values():
        way = [one]
        while boss := way[-1].supervisor:
            way.append(held.by_number[boss])
            assert way[-2].path.startswith(way[-1].path)
        assert way[-1].role == "central"


async def test_the_asc_of_bla_are_invited_in_nine_days(held: Held) -> None:
    await demo.load(held, TODAY)
    invited = [one for one in held.by_number.values() if one.training]
    assert {one.org_unit for one in invited} == {"FALO", "DIARA"}
    assert {one.role for one in invited} == {"asc"}
    assert len(invited) == 12
    (invitation,) = json.loads(invited[0].training)
    assert invitation == {
        "id": "F-2026-11-30-BLA",
        "topic": "malaria",
        "place": "CSRef de Bla",
        "date": "2026-11-30T08:00",
        "invited": "2026-11-21",
    }


async def test_the_demo_fits_the_config_we_ship(held: Held) -> None:
    settings = load_config(Path(__file__).parents[2] / "config.toml", {})
    await demo.load(held, TODAY)
    before = dict(held.by_number)
    sheet = export_roster(before.values())
    report = await import_roster(sheet, held, list(settings.products), settings.programme.languages)
    assert (report.unchanged, report.problems) == (len(before), [])
    assert all(_counted(one, set(settings.products)) for one in before.values())


def _counted(contact: Contact, products: set[str]) -> bool:
    return set(contact.products) <= products
