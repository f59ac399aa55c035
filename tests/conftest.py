"""Shared by all tests: the shipped files, and a house over a real store. `--update` writes conversations down again."""

import os
from collections.abc import AsyncIterator, Generator
from pathlib import Path

import hypothesis
import pytest
from aiohttp import ClientSession
from coverage import Coverage
from msgspec import structs

from bot.app import furnish, listening, open_house
from bot.config import Settings, load
from bot.files import source
from bot.flow.release import Release, Source
from bot.house import House
from tests.calls import Phone

# Without a stop-watch: a slow machine is no failure.
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")

ROOT = Path(__file__).parent.parent
UNHURRIED = {"KUNNAFONI_SERVER__NUMBER_RATE": "0"}
"""The tests' phones type faster than people."""
SMALL = {"KUNNAFONI_STORE__SHARDS": "8"}
"""A store of few parts: what looks at all of them, as most tests do in the end, is quicker."""

UNMEASURED = (
    "admin/test_tables.py",
    "api/test_schemathesis.py",
    "browser/",
    "chaos/",
    "cli/test_running.py",
    "due/test_week.py",
    "editing/test_by_hand.py",
    "editing/test_desk.py",
    "editing/test_published_pages.py",
    "editing/test_shown.py",
    "flow/test_paths.py",
    "test_bench",
    "test_conversations_http.py",
    "test_crew.py",
    "test_fuzz.py",
    "test_repeats.py",
    "worker/test_outcomes.py",
)
"""What goes long ways that shorter tests go too: being measured doubles its time, so coverage looks away."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    path = item.path.relative_to(ROOT / "tests").as_posix()
    measuring = Coverage.current() if path.startswith(UNMEASURED) else None
    if measuring is None:
        return (yield)
    inherited = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("COVERAGE_")}
    measuring.stop()
    try:
        return (yield)
    finally:
        os.environ.update(inherited)
        measuring.start()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write tests/conversations as they go now")
    parser.addoption(
        "--screens", help="a folder for pictures of every page (tests/browser/test_every_page.py)"
    )


@pytest.fixture(scope="session")
def shipped() -> Source:
    """The flow and word files of this repository."""
    return source(ROOT)


@pytest.fixture(scope="session")
def release(shipped: Source) -> Release:
    return Release(shipped, 1)


@pytest.fixture(scope="session")
def settings() -> Settings:
    return load(ROOT / "config.toml", UNHURRIED | SMALL)


@pytest.fixture
def own(settings: Settings, tmp_path: Path) -> Settings:
    """Settings for a store of this test alone, on any free port."""
    return structs.replace(
        settings,
        store=structs.replace(settings.store, data=str(tmp_path / "data")),
        server=structs.replace(settings.server, port=0),
    )


@pytest.fixture
async def house(own: Settings, release: Release) -> AsyncIterator[House]:
    """A house with the demo programme."""
    async with open_house(own) as house:
        await furnish(house, release, with_demo=True)
        yield house


@pytest.fixture
async def client() -> AsyncIterator[ClientSession]:
    async with ClientSession() as client:
        yield client


@pytest.fixture
async def phone(house: House, client: ClientSession) -> AsyncIterator[Phone]:
    """Aminata's phone, an ASC of the demo programme; set to French."""
    await house.contacts.change("+22370000001", language="fr", products="SRO CTE")
    async with listening(house, simulator=False) as url:
        yield Phone(client, url)
