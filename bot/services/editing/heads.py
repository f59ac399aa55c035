"""The head of a flow as its form fills it in: name and place in the menu, who may begin it, where, by which words.

Pure: a source in, a source out. What is not changed stays as it was written.
"""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from bot.flow.definition import Keyword
from bot.flow.reading import NAME
from bot.flow.release import Source
from bot.services.editing import words
from bot.services.editing.blocks import Block, Text, cut, scalar
from bot.services.editing.edits import text_of, with_text
from bot.services.editing.impossible import Impossible
from bot.services.editing.words import Saying

ORDER = ("flow", "menu", "roles", "start", "sms")


class Head(Struct, frozen=True):
    """What stands above the steps. No place: not in the menu; no roles: everybody."""

    start: str
    menu: str = ""
    roles: Sequence[str] = ()
    keywords: Sequence[Keyword] = ()
    sayings: Sequence[Saying] = ()
    """The flow's name in the menu, and the words to send."""


def with_head(source: Source, flow: str, before: Head, head: Head) -> Source:
    """The flow with that head; only what differs from `before` is written anew. Raises Impossible."""
    if head.menu and not (head.menu.isascii() and head.menu.isdigit()):
        raise Impossible("bad_menu", menu=head.menu)
    for keyword in head.keywords:
        if not NAME.fullmatch(keyword.name):
            raise Impossible("bad_name", name=keyword.name)
    text = cut(text_of(source, flow))
    written = {
        "menu": [f"menu: {head.menu}"] if head.menu else [],
        "roles": [f"roles: [{', '.join(head.roles)}]"] if head.roles else [],
        "start": [f"start: {head.start}"],
        "sms": ["sms:", *map(_keyword, head.keywords)] if head.keywords else [],
    }
    changed = {
        "menu": head.menu != before.menu,
        "roles": set(head.roles) != set(before.roles),
        "start": head.start != before.start,
        "sms": list(map(_keyword, head.keywords)) != list(map(_keyword, before.keywords)),
    }
    for name, lines in written.items():
        if changed[name]:
            text = _set(text, name, tuple(lines))
    said = dict(source.words)
    for saying in head.sayings:
        said = words.say(said, saying)
    return replace(with_text(source, flow, str(text)), words=said)


def _keyword(keyword: Keyword) -> str:
    given = ", ".join(f"{name}: {scalar(value)}" for name, value in keyword.answers.items())
    answers = f"answers: {{{given}}}, " if given else ""
    return f"  {keyword.name}: {{{answers}then: {keyword.to}}}"


def _set(text: Text, name: str, lines: tuple[str, ...]) -> Text:
    """That entry of the head written so, put where it belongs when it is new, taken out when there is none of it."""
    blocks = list(text.blocks)
    place = next((place for place, block in enumerate(blocks) if block.name == name), None)
    if place is not None and lines:
        blocks[place] = replace(blocks[place], lines=lines)
    elif place is not None:
        gone = blocks.pop(place)
        comments = tuple(line for line in gone.lead if line.startswith("#"))
        if comments and place < len(blocks):
            blocks[place] = replace(blocks[place], lead=(*comments, *blocks[place].lead))
    elif lines:
        above = ORDER[: ORDER.index(name)]
        after = max((place for place, block in enumerate(blocks) if block.name in above), default=None)
        if after is None:
            raise Impossible("by_hand", step=name)
        blocks.insert(after + 1, Block(name, (), lines))
    return replace(text, blocks=tuple(blocks))
