"""The words of a source changed by key, as changes of its PO files. Pure: text in, text out.

Its law is the catalogue's: a translation of another French text is not said, until somebody says it still holds.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from bot.services.editing.impossible import Impossible
from bot.text.catalog import FRENCH, NEEDS_REVIEW, CatalogError, parse, placeholders, written
from bot.text.po import Entry, previous, read

REVIEWED = "# reviewed"
MARK = f"# {NEEDS_REVIEW}: written in the console, not yet read by a native speaker"


class Saying(Struct, frozen=True):
    """New words for a key, in the languages that change. `reviewer`: who vouches for them as a native speaker."""

    key: str
    texts: Mapping[str, str]
    reviewer: str = ""
    """`Awa Diarra, 2026-11-22`; empty: nobody yet."""
    holds: bool = False
    """The translations there are still mean what the new French says."""


def say(words: Mapping[str, str], saying: Saying) -> dict[str, str]:
    """The PO files with those words. Raises Impossible for braces that are no placeholder, or differ by language."""
    _agreeing(words, saying)
    french = _of(words[FRENCH], FRENCH, saying.key)
    now = saying.texts.get(FRENCH, french.text if french else "").strip()
    return {language: _said(language, po, saying, now) for language, po in words.items()}


def rename(words: Mapping[str, str], old: str, new: str) -> dict[str, str]:
    """The words of a step, and of its options, under another name."""

    def renamed(entry: Entry, language: str) -> Entry:
        key = key_of(language, entry)
        if key != old and not key.startswith(f"{old}."):
            return entry
        key = new + key.removeprefix(old)
        return replace(entry, id=key) if language == FRENCH else replace(entry, context=key)

    return _each(words, lambda entry, language: [renamed(entry, language)])


def forget(words: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    """The PO files without those keys."""
    gone = set(keys) - {""}
    return _each(words, lambda entry, language: [] if key_of(language, entry) in gone else [entry])


def review(words: Mapping[str, str], language: str, key: str, reviewer: str) -> dict[str, str]:
    """Those words vouched for by a native speaker, as they are."""

    def vouched(entry: Entry, code: str) -> list[Entry]:
        return [_marked(entry, reviewer) if code == language and key_of(code, entry) == key else entry]

    return _each(words, vouched)


def taken_in(language: str, po: str, file: str, reviewer: str = "") -> str:
    """The PO file with what another says of its keys; what that one does not say stays. Raises CatalogError."""
    news = {key: entry for entry in entries(file) if (key := key_of(language, entry))}
    there = [
        _brought(language, entry, news.pop(key_of(language, entry), entry), reviewer) for entry in entries(po)
    ]
    for key, entry in news.items():
        places = {key_of(language, other): place for place, other in enumerate(there)}
        there.insert(_home(key, places, len(there)), _brought(language, None, entry, reviewer))
    return written(language, there)


def reviewer_of(entry: Entry) -> str:
    """Who vouched for these words; empty when nobody is named."""
    marks = (comment for comment in entry.comments if comment.startswith(REVIEWED))
    return next((mark.partition(":")[2].strip() for mark in marks), "")


def key_of(language: str, entry: Entry) -> str:
    return entry.id if language == FRENCH or entry.context is None else entry.context


@lru_cache(8)
def entries(po: str) -> tuple[Entry, ...]:
    """What a PO file holds; a page looks at the same one many times."""
    return tuple(read(po))


def _each(words: Mapping[str, str], change: Callable[[Entry, str], Iterable[Entry]]) -> dict[str, str]:
    return {
        language: written(language, [new for entry in entries(po) for new in change(entry, language)])
        for language, po in words.items()
    }


def _of(po: str, language: str, key: str) -> Entry | None:
    return next((entry for entry in entries(po) if key_of(language, entry) == key), None)


def _said(language: str, po: str, saying: Saying, french: str) -> str:
    there = list(entries(po))
    places = {key_of(language, entry): place for place, entry in enumerate(there)}
    place = places.get(saying.key)
    before = there[place] if place is not None else None
    after = _french(before, saying, french) if language == FRENCH else _own(language, before, saying, french)
    if after == before:
        return po
    if place is None:
        there.insert(_home(saying.key, places, len(there)), after)
    else:
        there[place] = after
    return written(language, there)


def _french(before: Entry | None, saying: Saying, french: str) -> Entry:
    return replace(before, text=french) if before else Entry(None, saying.key, french)


def _own(language: str, before: Entry | None, saying: Saying, french: str) -> Entry:
    entry = before or Entry(saying.key, french, "")
    text = saying.texts.get(language, entry.text).strip()
    if text != entry.text or saying.holds:
        fresh = replace(entry, id=french, text=text, fuzzy=False, previous=())
        changed = text != entry.text
        return _marked(fresh, saying.reviewer) if text and (changed or saying.reviewer) else fresh
    if entry.id == french or not entry.text:
        return replace(entry, id=french)
    return replace(entry, id=french, fuzzy=True, previous=entry.previous or previous(entry.id))


def _brought(language: str, before: Entry | None, entry: Entry, reviewer: str) -> Entry:
    """An entry of a translator's file: one without a text takes none away, and a new text is nobody's reading yet."""
    if before is not None and not entry.text:
        return before
    if language == FRENCH or not entry.text:
        return entry
    if before is None or entry.text != before.text:
        return _marked(entry, reviewer)
    # The same text as here: an older copy of the file does not undo that somebody has read it since.
    unread = any(line.startswith(f"# {NEEDS_REVIEW}") for line in before.comments)
    return entry if unread else replace(entry, comments=before.comments)


def _marked(entry: Entry, reviewer: str) -> Entry:
    """The entry with its state of review told, and no other."""
    rest = [line for line in entry.comments if not line.startswith((f"# {NEEDS_REVIEW}", REVIEWED))]
    return replace(entry, comments=(*rest, f"{REVIEWED}: {reviewer}" if reviewer else MARK))


def _home(key: str, places: Mapping[str, int], end: int) -> int:
    """Where a new key belongs: after its nearest relations, else last."""
    parts = key.split(".")
    for length in range(len(parts) - 1, 0, -1):
        family = ".".join(parts[:length])
        kin = [place for other, place in places.items() if other == family or other.startswith(f"{family}.")]
        if kin:
            return max(kin) + 1
    return end


def _agreeing(words: Mapping[str, str], saying: Saying) -> None:
    named = {}
    for language in words:
        before = _of(words[language], language, saying.key)
        text = saying.texts.get(language, before.text if before and not before.fuzzy else "")
        try:
            named[language] = placeholders(text) if text.strip() else None
        except ValueError as error:
            raise Impossible("braces", language=language) from error
    french = named[FRENCH]
    for language in saying.texts:
        if french is not None and named[language] is not None and named[language] != french:
            odd = sorted((named[language] or frozenset()) ^ french)
            raise Impossible("placeholders", language=language, names=", ".join(f"{{{n}}}" for n in odd))


def readable(language: str, po: str) -> CatalogError | None:
    """What is wrong with a PO file; None when it can be taken."""
    try:
        parse(language, po)
    except CatalogError as error:
        return error
    return None
