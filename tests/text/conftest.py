"""Hypothesis without a stop-watch: a slow machine is no failure."""

import pytest
from hypothesis import settings

from bot.text.catalog import Catalog, Words, parse
from tests.text.sayings import BAMBARA, FRENCH

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture
def french() -> Catalog:
    return parse("fr", FRENCH)


@pytest.fixture
def bambara() -> Catalog:
    return parse("bm", BAMBARA)


@pytest.fixture
def words(french: Catalog, bambara: Catalog) -> Words:
    return Words({"fr": french, "bm": bambara})
