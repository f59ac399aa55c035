"""The words of each language, from gettext PO; their law: nothing doubtful is said, French is said instead.

`fr.po` has the key as msgid. The others have it as msgctxt and the French as msgid, so that a translator sees
French beside her language.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from bot.text.fold import bare
from bot.text.po import CatalogError, Entry, previous, read, write

__all__ = [
    "FRENCH",
    "NEEDS_REVIEW",
    "Catalog",
    "CatalogError",
    "Coverage",
    "Message",
    "Values",
    "Words",
    "coverage",
    "parse",
    "placeholders",
    "update",
    "written",
]

FRENCH = "fr"
NEEDS_REVIEW = "needs-review"
"""A translator's comment that begins so marks words no native speaker has read yet."""

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_HEADER = """\
Language: {language}
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit
"""


class Message(Struct, frozen=True):
    """One sentence of one language."""

    key: str
    text: str
    line: int
    french: str
    """The French it was translated from; for French, its own text."""
    fuzzy: bool = False
    reviewed: bool = True

    def says(self, french: "Message") -> bool:
        """Tell whether it surely means what the French means today."""
        return bool(self.text) and not self.fuzzy and self.french == french.text


class Catalog(Struct, frozen=True):
    """What one PO file says, by key."""

    language: str
    messages: dict[str, Message]


class Coverage(Struct, frozen=True):
    """How much of the French a language says; `needs_review` counts texts, fuzzy ones too."""

    total: int
    translated: int
    fuzzy: int
    missing: int
    needs_review: int


class Values(Protocol):
    """What placeholders stand for, by name: a mapping, or whatever knows."""

    def __getitem__(self, name: str, /) -> object: ...


_NO_VALUES: Values = MappingProxyType[str, object]({})


class Words:
    """Every sentence in every language, ready to be said."""

    def __init__(self, catalogs: Mapping[str, Catalog], fallback: str = FRENCH) -> None:
        self._catalogs = dict(catalogs)
        self._french = self._catalogs[fallback].messages
        self._sayable = {language: self._templates(catalog) for language, catalog in self._catalogs.items()}
        self._fallback = self._sayable[fallback]

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._catalogs)

    def get(self, language: str, key: str) -> Message | None:
        """Look a message up as it stands in that language's file, sayable or not."""
        catalog = self._catalogs.get(language)
        return catalog.messages.get(key) if catalog else None

    def say(self, language: str, key: str, values: Values = _NO_VALUES) -> str:
        """Say it in that language, else in French; KeyError for an unknown key or a missing value."""
        template = self._sayable.get(language, self._fallback)[key]
        try:
            return template % values
        except KeyError as missing:
            raise KeyError(f"{key}: no value for {missing}") from None

    def variants(self, key: str) -> frozenset[str]:
        """List the comma-separated words of a key in every language, bare; what is heard may be fuzzy."""
        said = (catalog.messages.get(key, self._french[key]) for catalog in self._catalogs.values())
        words = (bare(word) for message in said for word in message.text.split(","))
        return frozenset(filter(None, words))

    def _templates(self, catalog: Catalog) -> dict[str, str]:
        said = {}
        for key, french in self._french.items():
            own = catalog.messages.get(key)
            message = own if own and own.says(french) else french
            if message.text:
                said[key] = _template(message.text)
        return said


def _template(text: str) -> str:
    """Make it a template of the `%` operator, which never reads again what it put in."""
    return _PLACEHOLDER.sub(r"%(\1)s", text.replace("%", "%%"))


def placeholders(text: str) -> frozenset[str]:
    """List the names in `{name}`; ValueError for any other brace, so that no text can reach into a value."""
    if re.search(r"[{}]", _PLACEHOLDER.sub("", text)):
        raise ValueError(f"only {{a_name}} in small letters may stand in braces: {text}")
    return frozenset(_PLACEHOLDER.findall(text))


def parse(language: str, po: str | bytes) -> Catalog:
    """Read one language's file; CatalogError for broken PO, a repeated key, placeholders French has not."""
    entries = _by_key(language, po)
    return Catalog(language, {key: _message(language, key, entry) for key, entry in entries.items() if key})


def _by_key(language: str, po: str | bytes) -> dict[str, Entry]:
    """Read all entries; the header, if there is one, under the empty key."""
    entries: dict[str, Entry] = {}
    for entry in read(po):
        key = _key(language, entry)
        if key in entries:
            raise CatalogError(
                entry.line, f"{key or 'the header'} was already there on line {entries[key].line}"
            )
        entries[key] = entry
    return entries


def _key(language: str, entry: Entry) -> str:
    if language == FRENCH and entry.context is not None:
        raise CatalogError(entry.line, f"French has its key as msgid and no msgctxt: {entry.context}")
    if language == FRENCH or (entry.context is None and not entry.id):
        return entry.id
    if not entry.context:
        raise CatalogError(entry.line, f"the key is missing (msgctxt): {entry.id}")
    return entry.context


def _message(language: str, key: str, entry: Entry) -> Message:
    french = entry.text if language == FRENCH else entry.id
    reviewed = not any(comment.startswith(f"# {NEEDS_REVIEW}") for comment in entry.comments)
    message = Message(key, entry.text, entry.line, french, entry.fuzzy, reviewed)
    try:
        ours, theirs = placeholders(message.text), placeholders(message.french)
    except ValueError as error:
        raise CatalogError(entry.line, f"{key}: {error}") from error
    if message.text and not message.fuzzy and ours != theirs:
        odd = ", ".join(f"{{{name}}}" for name in sorted(ours ^ theirs))
        raise CatalogError(
            entry.line, f"{key}: {odd} must be in both the French and the translation, or in neither"
        )
    return message


def coverage(french: Catalog, catalog: Catalog) -> Coverage:
    """How far a translation is."""
    texts = {key: own for key in french.messages if (own := catalog.messages.get(key)) and own.text}
    translated = sum(own.says(french.messages[key]) for key, own in texts.items())
    return Coverage(
        total=len(french.messages),
        translated=translated,
        fuzzy=len(texts) - translated,
        missing=len(french.messages) - len(texts),
        needs_review=sum(not own.reviewed for own in texts.values()),
    )


def update(french: Catalog, language: str, po: str | bytes | None, keys: Iterable[str]) -> str:
    """Bring a language's file up to date: these keys and no others, in this order, beside today's French."""
    entries = _by_key(language, po or "")
    comments = entries[""].comments if "" in entries else ()
    header = Entry(None, "", _HEADER.format(language=language), comments=comments)
    renewed = [_renewed(language, key, entries.get(key), french) for key in dict.fromkeys(keys)]
    return written(language, (header, *renewed))


def written(language: str, entries: Iterable[Entry]) -> str:
    """A language's file with these entries, its header first."""
    return "\n".join(write(entry, *_flags(language, entry)) for entry in entries)


def _renewed(language: str, key: str, entry: Entry | None, french: Catalog) -> Entry:
    if language == FRENCH:
        return _settled(entry or Entry(None, key, ""))
    now = french.messages[key].text if key in french.messages else ""
    if entry is None or not entry.text:
        return Entry(key, now, "", comments=entry.comments if entry else ())
    if now in {"", entry.id}:
        return _settled(entry)
    former = (entry.fuzzy and entry.previous) or previous(entry.id)
    return replace(entry, id=now, fuzzy=True, previous=former)


def _settled(entry: Entry) -> Entry:
    return entry if entry.fuzzy else replace(entry, previous=())


def _flags(language: str, entry: Entry) -> tuple[str, ...]:
    """Lets a translator's tool see for itself that a placeholder is missing."""
    return ("python-brace-format",) if language != FRENCH and _PLACEHOLDER.search(entry.id) else ()
