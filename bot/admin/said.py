"""The console's own words, and how it writes dates and numbers; French, and English for who chose it."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.resources import files

from bot.text.catalog import FRENCH, Catalog, Message, Words, parse

LANGUAGES = (FRENCH, "en")
_THIN = "\u202f"


@cache
def load() -> Words:
    """Read once: every `locales/<language>/*.po` beside this file: each part of the console brings its own."""
    return Words({language: _catalog(language) for language in LANGUAGES})


def _catalog(language: str) -> Catalog:
    messages: dict[str, Message] = {}
    folder = files("bot.admin").joinpath("locales", language)
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".po"):
            found = parse(language, file.read_text("utf-8")).messages
            if twice := messages.keys() & found.keys():
                raise ValueError(f"{language}/{file.name}: {min(twice)} is in another file already")
            messages |= found
    return Catalog(language, messages)


class Speech:
    """What one visitor reads: sentences by key, and times and numbers as she writes them."""

    def __init__(self, words: Words, language: str, local: Callable[[int], dt.datetime]) -> None:
        self._words = words
        self._local = local
        self.language = language

    def say(self, key: str, /, **values: object) -> str:
        return self._words.say(self.language, key, values)

    def knows(self, key: str) -> bool:
        return self._words.get(FRENCH, key) is not None

    def or_itself(self, prefix: str, word: str) -> str:
        """A word of the field by its key, else as it stands: a new kind or state needs no page changed."""
        key = f"{prefix}.{word}"
        return self.say(key) if self.knows(key) else word

    def moment(self, ms: int) -> str:
        """`22/11/2026 08:15`, on the programme's clock."""
        return f"{self._local(ms):%d/%m/%Y %H:%M}" if ms else ""

    def day(self, ms: int) -> str:
        return f"{self._local(ms):%d/%m/%Y}" if ms else ""

    def iso(self, at: str) -> str:
        """A moment as the store's exports write it."""
        return self.moment(int(dt.datetime.fromisoformat(at).timestamp() * 1000)) if at else ""

    def stored(self, ms: int) -> str:
        """As downloads write a moment: it sorts, and a spreadsheet reads it; empty for none."""
        return f"{self._local(ms):%Y-%m-%d %H:%M}" if ms else ""

    def stamp(self, ms: int) -> str:
        """For the name of a file."""
        return f"{self._local(ms):%Y-%m-%d-%H%M}"

    def number(self, count: float) -> str:
        mark = _THIN if self.language == FRENCH else ","
        return f"{count:,.10g}".replace(",", mark)

    def share(self, percent: float) -> str:
        """`98,5 %`."""
        return f"{percent:g}".replace(".", ",") + f"{_THIN}%" if self.language == FRENCH else f"{percent:g}%"


class Sayings:
    """What the services say in English, by pattern, and the console's key for each."""

    def __init__(self, prefix: str, pairs: Iterable[tuple[str, str]]) -> None:
        self._pairs = [(re.compile(pattern, re.DOTALL), f"{prefix}.{key}") for pattern, key in pairs]

    def find(self, sentence: str) -> tuple[str, dict[str, str]]:
        """The key and its values; no key for what is none of these."""
        for pattern, key in self._pairs:
            if found := pattern.fullmatch(sentence):
                return key, found.groupdict()
        return "", {}


def urged(values: Mapping[str, str]) -> dict[str, str]:
    """Only what is said: an empty value needs no place in an address."""
    return {name: value for name, value in values.items() if value}
