"""Shared by all tests: `--update` writes conversations down again instead of comparing them."""

from pathlib import Path

import pytest

from bot.config import Settings, load
from bot.files import source
from bot.flow.release import Release, Source

ROOT = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write tests/conversations as they go now")


@pytest.fixture(scope="session")
def shipped() -> Source:
    """The flow and word files of this repository."""
    return source(ROOT)


@pytest.fixture(scope="session")
def release(shipped: Source) -> Release:
    return Release(shipped, 1)


@pytest.fixture(scope="session")
def settings() -> Settings:
    return load(ROOT / "config.toml", {})
