"""Words to speak of, in both languages."""

import pytest

from bot.text.catalog import Catalog, Words, parse
from tests.text.sayings import BAMBARA, FRENCH


@pytest.fixture
def french() -> Catalog:
    return parse("fr", FRENCH)


@pytest.fixture
def bambara() -> Catalog:
    return parse("bm", BAMBARA)


@pytest.fixture
def words(french: Catalog, bambara: Catalog) -> Words:
    return Words({"fr": french, "bm": bambara})
