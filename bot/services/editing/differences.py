"""What is not the same in two sources, as a person would tell it: which flows, which steps, which words."""

from collections.abc import Iterator, Mapping
from difflib import unified_diff

from msgspec import Struct

from bot.flow.release import Source
from bot.services.editing.blocks import cut
from bot.services.editing.words import entries, key_of
from bot.text.catalog import FRENCH
from bot.text.po import Entry


class FlowChange(Struct, frozen=True):
    """A flow file, by its steps: new ones, those that are gone, those that are not as they were."""

    file: str
    added: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[str, ...]
    lines: tuple[str, ...]
    """The files compared line by line, as `diff -u`."""


class WordChange(Struct, frozen=True):
    """One sentence in one language; empty: it was not there, or is no more."""

    language: str
    key: str
    before: str
    after: str


class Differences(Struct, frozen=True):
    """All that changes between two sources; the words by key, French first."""

    flows: tuple[FlowChange, ...]
    words: tuple[WordChange, ...]

    def __bool__(self) -> bool:
        return bool(self.flows or self.words)


def between(before: Source, after: Source) -> Differences:
    words = sorted(_words(before.words, after.words), key=lambda one: (one.key, one.language != FRENCH))
    return Differences(tuple(_flows(before.flows, after.flows)), tuple(words))


def _flows(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[FlowChange]:
    for file in sorted({*before, *after}):
        was, now = before.get(file, ""), after.get(file, "")
        if was == now:
            continue
        old, new = ({block.name: block.lines for block in cut(text).blocks} for text in (was, now))
        yield FlowChange(
            file,
            added=tuple(name for name in new if name not in old),
            gone=tuple(name for name in old if name not in new),
            changed=tuple(name for name in new if name in old and old[name] != new[name]),
            lines=tuple(unified_diff(was.splitlines(), now.splitlines(), lineterm="", n=2))[2:],
        )


def _words(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[WordChange]:
    for language in sorted({*before, *after}):
        if before.get(language) != after.get(language):
            old, new = (_entries(language, source.get(language, "")) for source in (before, after))
            for key in {**old, **new}:
                was, now = old.get(key), new.get(key)
                if _said(was) != _said(now):
                    yield WordChange(language, key, was.text if was else "", now.text if now else "")


def _entries(language: str, po: str) -> dict[str, Entry]:
    return {key: entry for entry in entries(po) if (key := key_of(language, entry))}


def _said(entry: Entry | None) -> tuple[object, ...]:
    return (entry.text, entry.fuzzy, entry.comments) if entry else ()
