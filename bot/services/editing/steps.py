"""Steps of a flow added, moved, renamed, changed and taken away, as changes of its text. Pure: text in, text out."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from msgspec.structs import replace

from bot.flow import document
from bot.flow.definition import RESERVED
from bot.flow.reading import HEAD, KINDS, NAME, VERBS, WITH_RECORD
from bot.services.editing.blocks import Block, Setting, Text, cut, new_block, set_in
from bot.services.editing.impossible import Impossible

TARGETS = ("then", "do")
"""Words whose value is a step."""
_STAYS = {"then", "as", "keep", *VERBS, *WITH_RECORD}
"""What a step keeps when it comes to ask another kind of question."""


def names(text: str) -> list[str]:
    """The steps, in order."""
    return [block.name for block in cut(text).blocks if block.name not in HEAD]


def settings(text: str, step: str) -> dict[str, Setting]:
    """What is written of a step, word by word; nothing for a last screen. Raises FlowError when it is no YAML."""
    found = None if step in HEAD else _entries(text).get(step)
    if found is None:
        raise Impossible("no_step", step=step)
    return {word: _setting(value) for word, value in (found.entries or {}).items()}


@lru_cache(32)
def _entries(text: str) -> Mapping[str, document.Node]:
    """The entries of a flow; a page asks for each of its steps."""
    node, _ = document.read("", text)
    return node.entries or {}


def add(text: str, name: str, given: Mapping[str, Setting], after: str = "") -> str:
    """The flow with one step more: after another, or before the last screens."""
    flow = cut(text)
    _free(flow, name)
    block = new_block(name, given)
    if not given and after not in names(text):
        return str(replace(flow, blocks=(*flow.blocks, block)))
    place = flow.at(after) + 1 if after else _before_ends(flow)
    following = flow.blocks[place : place + 1]
    if given and following and not following[0].lead:
        spaced = replace(following[0], lead=("",))
        return str(replace(flow, blocks=(*flow.blocks[:place], block, spaced, *flow.blocks[place + 1 :])))
    return str(replace(flow, blocks=(*flow.blocks[:place], block, *flow.blocks[place:])))


def move(text: str, name: str, by: int) -> str:
    """The step that many places on, or back: the order is for readers, where answers lead stays the same."""
    flow = cut(text)
    place, first = flow.at(name), len([block for block in flow.blocks if block.name in HEAD])
    to = max(first, min(len(flow.blocks) - 1, place + by))
    blocks = [block for block in flow.blocks if block.name != name]
    blocks.insert(to, flow.blocks[place])
    return str(replace(flow, blocks=tuple(blocks)))


def rename(text: str, old: str, new: str) -> str:
    """The step under another name, wherever it is named; what is kept of it keeps the name it was kept under."""
    flow = cut(text)
    _free(flow, new)
    given = settings(text, old)
    block = flow.block(old)
    first = re.sub(re.escape(old), new, block.lines[0], count=1)
    block = replace(block, name=new, lines=(first, *block.lines[1:]))
    if "ask" in given and "as" not in given:
        block = set_in(block, "as", old)
    return _led(str(flow.with_block(block, old)), old, new)


def delete(text: str, name: str, instead: str = "") -> str:
    """The flow without that step; what led to it leads to another."""
    flow = cut(text)
    place = flow.at(name)
    left = str(replace(flow, blocks=(*flow.blocks[:place], *flow.blocks[place + 1 :])))
    if not list(leading_to(left, name)):
        return left
    if not instead or instead == name:
        raise Impossible("still_led_to", step=name, by=", ".join(leading_to(left, name)))
    return _led(left, name, instead)


def leading_to(text: str, name: str) -> Iterator[str]:
    """The steps, and `start` and `sms`, from which a caller comes to that step."""
    flow = cut(text)
    for block in flow.blocks:
        if block.name not in HEAD:
            given = settings(text, block.name)
            if any(name in _targets(given[word]) for word in TARGETS if word in given):
                yield block.name
        elif block.name in ("start", "sms") and _head_led(block, name, f"{name}!") != block:
            yield block.name


def change(text: str, step: str, given: Mapping[str, Setting]) -> str:
    """The step with these words set, and those that are None taken away."""
    flow = cut(text)
    block = flow.block(step)
    for word, value in given.items():
        block = set_in(block, word, value)
    return str(flow.with_block(block))


def ask(text: str, step: str, question: str, own: Mapping[str, Setting]) -> str:
    """The step made to ask that kind of question with these settings; what it does and where it leads stays."""
    before = settings(text, step)
    if before.get("ask") == question:
        return change(text, step, own)
    gone: dict[str, Setting] = dict.fromkeys(word for word in before if word not in _STAYS and word != "ask")
    onward: dict[str, Setting] = {} if "then" in before or question == "flow" else {"then": "done"}
    return change(text, step, {**gone, "ask": question, **own, **onward})


def kind(given: Mapping[str, Setting]) -> str:
    """What the step does: ask, look, each, call, act, or end."""
    return next((word for word in KINDS if word in given), "act" if given else "end")


def _setting(node: document.Node) -> Setting:
    if node.entries is not None:
        return {key: value.text or "" for key, value in node.entries.items()}
    return node.text if node.text is not None else node.words() or []


def _targets(value: Setting) -> list[str]:
    return list(value.values()) if isinstance(value, Mapping) else [value] if isinstance(value, str) else []


def _led(text: str, old: str, new: str) -> str:
    """All that led to one step leads to another."""
    flow = cut(text)
    for block in flow.blocks:
        led = _head_led(block, old, new) if block.name in HEAD else _step_led(text, block, old, new)
        flow = flow.with_block(led)
    return str(flow)


def _step_led(text: str, block: Block, old: str, new: str) -> Block:
    given = settings(text, block.name)
    for word in TARGETS:
        value = given.get(word)
        if value == old:
            block = set_in(block, word, new)
        elif isinstance(value, Mapping) and old in value.values():
            block = set_in(block, word, {key: new if to == old else to for key, to in value.items()})
    return block


def _head_led(block: Block, old: str, new: str) -> Block:
    word = {"start": "start", "sms": "then"}.get(block.name)
    if word is None:
        return block
    pattern = re.compile(rf"(\b{word}: *){re.escape(old)}\b")
    return replace(block, lines=tuple(pattern.sub(rf"\g<1>{new}", line) for line in block.lines))


def _before_ends(flow: Text) -> int:
    """The place before the last screens that close the file."""
    place = len(flow.blocks)
    while place and flow.blocks[place - 1].lines[0].rstrip().endswith(": end"):
        place -= 1
    return place


def _free(flow: Text, name: str) -> None:
    if not NAME.fullmatch(name) or name in RESERVED | HEAD:
        raise Impossible("bad_name", name=name)
    if any(block.name == name for block in flow.blocks):
        raise Impossible("name_taken", name=name)
