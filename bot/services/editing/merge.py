"""Two people's changes of the same files brought together: flow by flow, and words by key.

Where both changed the same thing, ours stands and it is told. Pure: texts in, texts out.
"""

from collections.abc import Mapping
from typing import TypeVar

from msgspec import Struct

from bot.flow.release import Source
from bot.services.editing.words import entries, key_of
from bot.text.catalog import written
from bot.text.po import Entry

_T = TypeVar("_T")


class Merged(Struct, frozen=True):
    """Both changes in one, and what both had changed: files, or keys with their language (`bm: stock.held`)."""

    source: Source
    both: tuple[str, ...]


def merge(base: Source, ours: Source, theirs: Source) -> Merged:
    """What `theirs` changed since `base`, taken into `ours`."""
    flows, both = _three(base.flows, ours.flows, theirs.flows)
    words = dict(ours.words)
    for language in sorted({*theirs.words, *ours.words}):
        files = [source.words.get(language, "") for source in (base, ours, theirs)]
        words[language], odd = _words(language, *files)
        both += [f"{language}: {key}" for key in odd]
    return Merged(Source(flows, {language: po for language, po in words.items() if po}), tuple(both))


def _words(language: str, base: str, ours: str, theirs: str) -> tuple[str, list[str]]:
    if theirs in (base, ours):
        return ours, []
    if ours == base:
        return theirs, []
    files = [{key_of(language, entry): entry for entry in entries(po)} for po in (base, ours, theirs)]
    bare = [{key: _bare(entry) for key, entry in file.items()} for file in files]
    merged, both = _three(*bare)
    kept = {
        key: files[1].get(key) if merged[key] == bare[1].get(key) else files[2].get(key) for key in merged
    }
    order = [*files[1], *(key for key in files[2] if key not in files[1])]
    return written(language, [entry for key in order if (entry := kept.get(key))]), both


def _bare(entry: Entry) -> tuple[object, ...]:
    """An entry without its line, which is another in every file."""
    return (entry.context, entry.id, entry.text, entry.fuzzy, entry.comments, entry.previous)


def _three(
    base: Mapping[str, _T], ours: Mapping[str, _T], theirs: Mapping[str, _T]
) -> tuple[dict[str, _T], list[str]]:
    """Each thing as whoever changed it left it; what both changed otherwise stays ours."""
    merged: dict[str, _T] = {}
    both: list[str] = []
    for name in {**ours, **theirs}:
        was, own, other = base.get(name), ours.get(name), theirs.get(name)
        taken = other if own == was else own
        if other not in (was, own) and own != was:
            both.append(name)
        if taken is not None:
            merged[name] = taken
    return merged, both
