"""The text of a flow file cut into its entries, each with the comments above it; joined again it is the same text.

Its law: what is not changed stays as it was written, comments, order and blank lines too.
"""

import json
import re
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from bot.services.editing.impossible import Impossible

Setting = str | Sequence[str] | Mapping[str, str] | None
"""What stands behind a word of a step: one word, a list, names with values; None: the word goes."""

_KEY = re.compile(r"""["']?([A-Za-z0-9_]+)["']?:(\s|$)""")
_ENTRY = re.compile(r"""( +)["']?([^\s"':#]+)["']?:(\s|$)""")
_PLAIN = re.compile(r"[A-Za-z0-9_+.][A-Za-z0-9_.+-]*|-\d+\.\.-?\d+")
_ANSWERS = re.compile(r"[A-Za-z0-9_.+-]+(, *[A-Za-z0-9_.+-]+)*")
_INDENT = "  "


class Block(Struct, frozen=True):
    """One entry of the file: the comments and blank lines before it, and its own lines."""

    name: str
    lead: tuple[str, ...]
    lines: tuple[str, ...]


class Text(Struct, frozen=True):
    """A flow file: its entries, and what stands after the last one."""

    blocks: tuple[Block, ...]
    tail: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [line for block in self.blocks for line in (*block.lead, *block.lines)]
        return "\n".join([*lines, *self.tail])

    def at(self, name: str) -> int:
        """Where that entry stands. Raises Impossible when there is none."""
        for place, block in enumerate(self.blocks):
            if block.name == name:
                return place
        raise Impossible("no_step", step=name)

    def block(self, name: str) -> Block:
        return self.blocks[self.at(name)]

    def with_block(self, block: Block, name: str = "") -> "Text":
        place = self.at(name or block.name)
        return replace(self, blocks=(*self.blocks[:place], block, *self.blocks[place + 1 :]))


def cut(text: str) -> Text:
    """The entries of a flow file."""
    blocks: list[Block] = []
    waiting: list[str] = []
    for line in text.split("\n"):
        key = _KEY.match(line)
        if key:
            blocks.append(Block(key[1], tuple(waiting), (line,)))
            waiting = []
        elif not blocks or not line.strip() or line.startswith("#"):
            waiting.append(line)
        else:
            last = blocks[-1]
            blocks[-1] = replace(last, lines=(*last.lines, *waiting, line))
            waiting = []
    return Text(tuple(blocks), tuple(waiting))


def set_in(block: Block, word: str, value: Setting) -> Block:
    """The step with one of its words set; where the word is new, it stands before `then`."""
    block = _opened(block)
    spans = _spans(block)
    written = () if value is None else tuple(_written(_indent(block), word, value))
    if word in spans:
        first, last = spans[word]
    else:
        first = last = spans["then"][0] if "then" in spans and value is not None else len(block.lines)
    return replace(block, lines=(*block.lines[:first], *written, *block.lines[last:]))


def new_block(name: str, settings: Mapping[str, Setting]) -> Block:
    """A step as we write it, with a blank line before it."""
    if not settings:
        return Block(name, (), (f"{name}: end",))
    block = Block(name, ("",), (f"{name}:",))
    for word, value in settings.items():
        block = set_in(block, word, value)
    return block


def scalar(value: str) -> str:
    """A word as YAML, quoted where it must be."""
    return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)


def _opened(block: Block) -> Block:
    """`thanks: end` has no room for words: the step loses its `end` when it gets one."""
    head, rest = block.lines[0].partition(":")[::2]
    return replace(block, lines=(f"{head}:", *block.lines[1:])) if rest.strip() == "end" else block


def _spans(block: Block) -> dict[str, tuple[int, int]]:
    """Where each word of a step begins and ends, in its lines; what is indented more belongs to the word above."""
    if block.lines[0].partition(":")[2].partition("#")[0].strip():
        raise Impossible("by_hand", step=block.name)
    begins: list[tuple[str, int]] = []
    depth = 0
    for number, line in enumerate(block.lines[1:], 1):
        entry = _ENTRY.match(line)
        if entry and depth in (0, len(entry[1])):
            depth = len(entry[1])
            begins.append((entry[2], number))
    ends = [*(_end(block, number) for _, number in begins[1:]), len(block.lines)][: len(begins)]
    return {word: (number, end) for (word, number), end in zip(begins, ends, strict=True)}


def _end(block: Block, number: int) -> int:
    """Comments right above a word are that word's."""
    while block.lines[number - 1].lstrip().startswith("#"):
        number -= 1
    return number


def _indent(block: Block) -> str:
    """How far the words of this step stand in."""
    first = next((entry for line in block.lines[1:] if (entry := _ENTRY.match(line))), None)
    return first[1] if first else _INDENT


def _written(indent: str, word: str, value: str | Sequence[str] | Mapping[str, str]) -> list[str]:
    if isinstance(value, str):
        return [f"{indent}{word}: {scalar(value)}"]
    if isinstance(value, Mapping):
        exits = [f"{indent}{_INDENT}{_exit(key)}: {scalar(to)}" for key, to in value.items()]
        return [f"{indent}{word}:", *exits]
    return [f"{indent}{word}: [{', '.join(map(scalar, value))}]"]


def _exit(key: str) -> str:
    return key if _ANSWERS.fullmatch(key) else json.dumps(key, ensure_ascii=False)
