"""The syntax of gettext PO: a file to its entries and back, with every translator's comment kept.

Babel reads. It forgives a broken quote and folds a repeated message into the first, so both are caught here;
and it would wrap a previous msgid in mid-quote, so writing is ours.
"""

import re
from collections.abc import Iterator

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, PoFileParser, escape, normalize
from msgspec import Struct

_LINE = re.compile(r'(?:(msgctxt|msgid|msgstr) +)?"(?:[^"\\]|\\[\\"ntr])*"')
_NEXT = {
    "": {"msgctxt", "msgid"},
    "msgctxt": {"msgid"},
    "msgid": {"msgstr"},
    "msgstr": {"msgctxt", "msgid"},
}


class CatalogError(Exception):
    """The translator's fault: what to change, and on which line."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        self.message = message


class Entry(Struct, frozen=True):
    """One message of a PO file, no plurals: Bambara has none, and a screen has no room for them."""

    context: str | None
    id: str
    text: str
    fuzzy: bool = False
    comments: tuple[str, ...] = ()
    """Whole lines, `# by a translator` or `#. for her`."""
    previous: tuple[str, ...] = ()
    """Whole lines, `#| msgid "what a fuzzy text was translated from"`."""
    line: int = 0


def read(po: str | bytes) -> list[Entry]:
    """Every entry but the obsolete; CatalogError for the first line that is no PO."""
    collected = _Collected()
    try:
        PoFileParser(collected, abort_invalid=True).parse(_checked(_decoded(po).split("\n")))
    except PoFileError as error:
        raise CatalogError(error.lineno + 1, str(error).rpartition(" on ")[0]) from error
    return [_entry(message) for message in collected.messages]


def write(entry: Entry, *flags: str) -> str:
    """Write the entry as gettext's own tools would, with its lines unwrapped."""
    if entry.fuzzy:
        flags = ("fuzzy", *flags)
    return "".join(
        f"{line}\n"
        for line in (
            *entry.comments,
            *([f"#, {', '.join(flags)}"] if flags else []),
            *entry.previous,
            *([] if entry.context is None else [f"msgctxt {normalize(entry.context, width=0)}"]),
            f"msgid {normalize(entry.id, width=0)}",
            f"msgstr {normalize(entry.text, width=0)}",
        )
    )


def previous(former_id: str) -> tuple[str, ...]:
    """Remember an id that another takes the place of."""
    return (f"#| msgid {escape(former_id)}",)


class _Collected(Catalog):
    """Takes what the parser finds as it is, header included: dates and plural rules mean nothing to us."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []

    def __setitem__(self, message_id: str | list[str] | tuple[str, ...], message: Message) -> None:
        self.messages.append(message)


def _decoded(po: str | bytes) -> str:
    try:
        text = po if isinstance(po, str) else po.decode()
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise CatalogError(line, "the file must be saved as UTF-8") from error
    return text.removeprefix("\ufeff")


def _checked(lines: list[str]) -> Iterator[str]:
    last = ""
    for number, line in enumerate(map(str.strip, lines), 1):
        if line and not line.startswith("#"):
            last = _keyword(line, last, number)
        # Babel does not know the `#~|` that gettext writes among obsolete entries.
        yield "" if line.startswith("#~") else line
    if last in {"msgctxt", "msgid"}:
        raise CatalogError(len(lines), f"the file ends after {last}")


def _keyword(line: str, last: str, number: int) -> str:
    found = _LINE.fullmatch(line)
    if not found:
        raise CatalogError(number, f"this is no PO: {line}")
    keyword: str | None = found[1]
    if keyword and keyword not in _NEXT[last]:
        raise CatalogError(number, f"{keyword} cannot follow {last or 'nothing'}")
    return keyword or last


def _entry(message: Message) -> Entry:
    by_hand = [f"# {comment}" for comment in message.user_comments if comment]
    return Entry(
        context=message.context,
        id=str(message.id),
        text=str(message.string),
        fuzzy=message.fuzzy,
        comments=(
            *(line for line in by_hand if not line.startswith("# |")),
            *(f"#. {comment}" for comment in message.auto_comments),
        ),
        # Babel takes `#| msgid` for a comment by hand.
        previous=tuple(f"#|{line[3:]}" for line in by_hand if line.startswith("# |")),
        line=message.lineno or 0,
    )
