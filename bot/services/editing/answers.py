"""The answers of a question: added, moved, taken away, and where each leads. Pure: text in, text out."""

from collections.abc import Mapping

from bot.flow.reading import NAME
from bot.services.editing.blocks import Setting
from bot.services.editing.impossible import Impossible
from bot.services.editing.steps import change, settings

ELSE = "else"


def options(given: Mapping[str, Setting]) -> list[str]:
    """The options written in the step itself; none where they come from a list, or there are none to choose."""
    among = given.get("among")
    return list(among) if isinstance(among, list | tuple) else []


def exits(given: Mapping[str, Setting]) -> dict[str, str]:
    """Where each answer leads, one by one; `else` is every other."""
    then = given.get("then")
    if isinstance(then, str):
        return {ELSE: then}
    found: dict[str, str] = {}
    for answers, to in then.items() if isinstance(then, Mapping) else ():
        found |= {answer.strip(): to for answer in answers.split(",")}
    return found


def lead(text: str, step: str, answer: str, to: str) -> str:
    """The flow in which that answer leads there; with no destination, as every other answer does."""
    led = exits(settings(text, step))
    led.pop(answer, None)
    if to:
        # A number's exits are taken in order, and what stands after `else` never is.
        led = {answer: to, **led} if answer != ELSE else {**led, ELSE: to}
    return change(text, step, {"then": _then(led)})


def add_option(text: str, step: str, option: str, to: str = "") -> str:
    given = settings(text, step)
    there = options(given)
    if not NAME.fullmatch(option):
        raise Impossible("bad_name", name=option)
    if option in there:
        raise Impossible("name_taken", name=option)
    text = change(text, step, {"among": [*there, option]})
    return lead(text, step, option, to) if to else text


def move_option(text: str, step: str, option: str, by: int) -> str:
    """The option that many places down, or up: its number on the screen changes with it."""
    there = options(settings(text, step))
    place = _place(there, option)
    there.insert(max(0, min(len(there) - 1, place + by)), there.pop(place))
    return change(text, step, {"among": there})


def delete_option(text: str, step: str, option: str) -> str:
    given = settings(text, step)
    there = options(given)
    there.pop(_place(there, option))
    if len(there) < 2:
        raise Impossible("too_few_options")
    led = exits(given)
    if led.pop(option, None):
        text = change(text, step, {"then": _then(led)})
    orphaned: dict[str, Setting] = {word: None for word in ("none", "right") if given.get(word) == option}
    return change(text, step, {"among": there, **orphaned})


def _place(there: list[str], option: str) -> int:
    if option not in there:
        raise Impossible("no_option", option=option)
    return there.index(option)


def _then(led: Mapping[str, str]) -> Setting:
    """One step when all answers lead to it, else exits with `else` last."""
    if not led:
        raise Impossible("leads_nowhere")
    if list(led) == [ELSE]:
        return led[ELSE]
    last = {ELSE: led[ELSE]} if ELSE in led else {}
    return {answer: to for answer, to in led.items() if answer != ELSE} | last
