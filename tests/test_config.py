"""config.toml: what we ship works, says every default, and nothing that makes no sense gets in."""

import tomllib
from datetime import time
from pathlib import Path

import pytest

from bot.channels import africastalking
from bot.config import ConfigError, Product, Settings, Sms, Ussd, load

SHIPPED = Path(__file__).parents[1] / "config.toml"
SECTIONS = ("server", "store", "programme", "ussd", "sms", "reminders", "calendar", "privacy", "console")
NO_ZONE = "is no time zone known here (is tzdata installed?)"
NOT_OFFERED = "default_language fr is not one of languages"


def test_the_file_we_ship_says_the_defaults() -> None:
    shipped, bare = load(SHIPPED, {}), load(None, {})
    for section in SECTIONS:
        assert getattr(shipped, section) == getattr(bare, section)
    told = tomllib.loads(SHIPPED.read_text("utf-8"))
    for section in SECTIONS:
        assert told[section].keys() == set(getattr(shipped, section).__struct_fields__)


def test_every_setting_of_the_file_we_ship_is_explained() -> None:
    text = SHIPPED.read_text("utf-8")
    plain, _, products = text.partition("[products]")
    lines = plain.splitlines() + products.partition("[privacy]")[2].splitlines()
    assert [line for line in lines if " = " in line and "#" not in line] == []


def test_the_channel_we_ship_opens() -> None:
    table = load(SHIPPED, {}).channels["africastalking"]
    assert set(table) == set(africastalking.Settings.__struct_fields__) - {"api_key"}
    assert africastalking.create(table.read(africastalking.Settings)).name == "africastalking"


def test_products_say_what_is_counted_and_no_two_share_a_name() -> None:
    products = load(SHIPPED, {}).products
    assert len(products) == 16
    for language in ("fr", "bm"):
        names = [one.names[language] for one in products.values() if language in one.names]
        assert len(set(names)) == len(names)
    assert products["SRO"].maximum == 40
    assert products["CTE"].unit == {"fr": "plaquette"}


def test_a_stock_of_unknown_use_has_no_maximum() -> None:
    assert Product({"fr": "a"}, {"fr": "b"}).maximum == 0
    assert Product({"fr": "a"}, {"fr": "b"}, max_months=1.5, monthly_use=3).maximum == 5


def test_a_network_may_have_its_own_budget() -> None:
    ussd = Ussd(budgets={"61001": 140})
    assert (ussd.budget_on("61001"), ussd.budget_on("61002")) == (140, 160)


@pytest.mark.parametrize(
    ("hours", "quiet", "loud"),
    [
        ("20:00-07:00", ["20:00", "23:59", "00:00", "06:59"], ["07:00", "19:59", "12:00"]),
        ("12:00-14:00", ["12:00", "13:59"], ["11:59", "14:00", "00:00"]),
        ("", [], ["00:00", "12:00"]),
    ],
)
def test_quiet_hours_may_cross_midnight(hours: str, quiet: list[str], loud: list[str]) -> None:
    sms = Sms(quiet_hours=hours)
    assert [sms.is_quiet(time.fromisoformat(clock)) for clock in quiet + loud] == [True] * len(quiet) + [
        False
    ] * len(loud)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[servr]\nport = 1", "1: servr: no such setting, server is meant?"),
        ("[server]\nport = 65536", "2: server.port: expected int <= 65535"),
        ("server.workers = 0", "1: server.workers: expected int >= 1"),
        ("[sms]\ncost_per_segment = nan", "2: sms.cost_per_segment: expected float >= 0.0"),
        ("[sms]\nbudget = inf", "2: sms.budget: expected float <= 1000000000000.0"),
        ('[sms]\nquiet_hours = "24:00-07:00"', '2: sms.quiet_hours: expected "HH:MM-HH:MM", or "" for none'),
        ('[sms]\nquiet_hours = "07:00"', '2: sms.quiet_hours: expected "HH:MM-HH:MM", or "" for none'),
        ("[ussd]\nbudget = 183", "2: ussd.budget: expected int <= 182"),
        ("[ussd.budgets]\n61001 = 59", "2: ussd.budgets.61001: expected int >= 60"),
        ('[store]\nurl = "localhost"', '2: store.url: expected "embedded", or a URL such as redis://…'),
        (
            "programme.service_code = '123'",
            "1: programme.service_code: expected what is dialled, such as *123#",
        ),
        ('[programme]\nlanguages = ["FR"]', "2: programme.languages: expected a language code such as fr"),
        ("[programme]\ntimezone = 'Africa/Bamoko'", f"2: programme.timezone: 'Africa/Bamoko' {NO_ZONE}"),
        ("[programme]\ntimezone = '../x'", f"2: programme.timezone: '../x' {NO_ZONE}"),
        ("programme.languages = ['bm']", f"1: programme.default_language: {NOT_OFFERED}"),
        ("[products.SRO]\nmax_months = 2", "1: products.SRO: names and unit must be said"),
        ("[products]\nSRO = {names = {fr = 'a'}}", "2: products.SRO: unit must be said"),
        (
            "products.SRO = {names = {bm = 'a'}, unit = {fr = 'b'}}",
            "1: products.SRO.names: must be said in fr",
        ),
        ("products.SRO = {names = {fr = 'a'}, unit = {fr = ''}}", "1: products.SRO.unit: must be said in fr"),
        (
            "[products.SRO]\nnames = {fr = 'a'}\nunit = {fr = 'b'}\nreorder_months = 3",
            "4: products.SRO.reorder_months: more than max_months",
        ),
        (
            "[products]\nsro = {names = {fr = 'a'}, unit = {fr = 'b'}}",
            "2: products.sro: expected 2 to 6 capitals or digits, a letter first",
        ),
    ],
)
def test_a_setting_that_makes_no_sense_stops_with_its_line(tmp_path: Path, text: str, line: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as stopped:
        load(file, {})
    assert str(stopped.value) == f"{file}:{line}"


def test_without_a_file_the_variable_that_caused_it_is_named() -> None:
    with pytest.raises(ConfigError) as stopped:
        load(None, {"KUNNAFONI_PROGRAMME__LANGUAGES": "bm"})
    assert str(stopped.value) == f"KUNNAFONI_PROGRAMME__LANGUAGES: {NOT_OFFERED}"


def test_settings_are_frozen() -> None:
    with pytest.raises(AttributeError):
        load(None, {}).server = Settings().server  # type: ignore[misc]  # what must not be possible


def test_each_reminder_of_the_file_we_ship_says_all_its_settings() -> None:
    told = tomllib.loads(SHIPPED.read_text("utf-8"))["reminders"]
    reminders = load(None, {}).reminders
    assert {name: set(said) for name, said in told.items()} == {
        name: set(getattr(reminders, name).__struct_fields__) for name in reminders.__struct_fields__
    }


@pytest.mark.parametrize(
    ("section", "wrong"),
    [
        ('[calendar]\nworking_days = ["lundi"]', "calendar.working_days: invalid enum value 'lundi'"),
        (
            '[calendar]\nholidays = ["1 mai"]',
            'calendar.holidays: expected "MM-DD" for every year, or "YYYY-MM-DD"',
        ),
        ('[calendar]\npauses = [{ unit = "BLA", from = 2026-11-23 }]', "calendar.pauses: "),
        ('[reminders.checkin]\nat = "25:00"', 'reminders.checkin.at: expected an hour of the day, "HH:MM"'),
        ('[reminders.stock]\nweekday = "lun"', "reminders.stock.weekday: invalid enum value 'lun'"),
        ("[reminders.stock]\nagain = [2, 9]", "reminders.stock.again: expected int <= 6"),
        ("[reminders.payment]\nday = 31", "reminders.payment.day: expected int <= 20"),
        ('[reminders.training]\nmorning = "06:30"', "06:30 is within the quiet hours (20:00-07:00)"),
        ('[reminders.checkin]\nat = "20:00"', "20:00 is within the quiet hours (20:00-07:00)"),
        ("[calendar]\nworking_days = []", "nobody would ever be reminded"),
        ('[calendar]\nholidays = ["02-30"]', "there is no 02-30"),
        ('[calendar]\nholidays = ["2026-02-29"]', "there is no 2026-02-29"),
        (
            '[calendar]\npauses = [{ unit = "BLA", first = 2026-11-23, last = 2026-11-22 }]',
            "BLA: last (2026-11-22) is before first (2026-11-23)",
        ),
        ("[reminders.checkin]\ngive_up = 2", "less than missed (3)"),
        ("[reminders.stock]\nagain = [3, 2]", "each more than the one before"),
        ("[reminders.stock]\nsupervisor_after = 2", "before the last reminder (3 days after)"),
        ("[reminders.training]\nconfirmed_days_before = [3]", "3 is not among days_before"),
        ('[sms]\nquiet_hours = "07:00-07:00"', "begins when it ends"),
        ("[reminders.vaccins]\nenabled = true", "reminders.vaccins: no such setting"),
    ],
)
def test_a_reminder_that_makes_no_sense_stops_the_start_at_its_line(
    tmp_path: Path, section: str, wrong: str
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"{section}\n", "utf-8")
    with pytest.raises(ConfigError) as error:
        load(file, {})
    (problem,) = error.value.problems
    assert wrong in problem.message
    assert problem.line == (1 if "vaccins" in section else 2)


def test_a_pause_is_a_place_and_its_days(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        '[calendar]\npauses = [{ unit = "BLA", first = 2026-11-23, last = 2026-12-31 }]\n', "utf-8"
    )
    (pause,) = load(file, {}).calendar.pauses
    assert (pause.unit, f"{pause.first}", f"{pause.last}") == ("BLA", "2026-11-23", "2026-12-31")


@pytest.mark.parametrize(
    ("quiet", "hour", "begins"),
    [
        ("20:00-07:00", "16:00", "20:00"),
        ("", "16:00", None),
        ("12:00-14:00", "16:00", None),
    ],
)
def test_the_quiet_hours_end_a_day(quiet: str, hour: str, begins: str | None) -> None:
    found = Sms(quiet_hours=quiet).quiet_from(time.fromisoformat(hour))
    assert found == (time.fromisoformat(begins) if begins else None)
