"""What an editor does to a step, on its flow and its words together. Pure: a source in, a source out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from bot.flow.reading import NAME
from bot.flow.release import Source
from bot.services.editing import answers, steps, words
from bot.services.editing.answers import ELSE
from bot.services.editing.blocks import Setting
from bot.services.editing.impossible import Impossible
from bot.services.editing.words import Saying
from bot.text.fold import bare

STARTS: Final[Mapping[str, Mapping[str, Setting]]] = {
    "choice": {"among": ["option_1", "option_2"]},
    "several": {"among": ["none", "option_1", "option_2"], "none": "none"},
    "number": {"between": "0..99"},
    "date": {"days": "-30..0"},
    "text": {"length": "2..60"},
}
"""What a question is asked with at first, by its type; those that are not here need nothing."""
PASSES: Final[Mapping[str, Mapping[str, Setting]]] = {
    "act": {"record": "checkin"},
    "look": {"look": "role"},
    "each": {"each": "products"},
    "call": {"call": "help"},
}
"""What a step without a screen does at first, by its kind."""
END: Final = "end"
LONGEST: Final = 24


class Asked(Struct, frozen=True):
    """A step that is to be added. `kind`: a type of question, or `end`."""

    kind: str
    name: str = ""
    """Empty: made from its French words."""
    after: str = ""
    to: str = ""
    """Where all its answers lead; empty: it is put into the way of the step before it."""
    texts: Mapping[str, str] = {}


class Rewritten(Struct, frozen=True):
    """A step as its form was filled in; what is empty stays as it is."""

    settings: Mapping[str, Setting] = {}
    leads: Mapping[str, str] = {}
    """Answer → step; an empty step: as all others."""
    sayings: Sequence[Saying] = ()


def file_of(source: Source, flow: str) -> str:
    """The file of a flow: the one that says so, else the one called so. Raises Impossible."""
    for file, text in source.flows.items():
        if any(line.split("#")[0].split() == ["flow:", flow] for line in text.splitlines()):
            return file
    file = f"flows/{flow}.yaml"  # written by another hand, or not finished
    if file in source.flows:
        return file
    raise Impossible("no_flow", flow=flow)


def text_of(source: Source, flow: str) -> str:
    return source.flows[file_of(source, flow)]


def with_text(source: Source, flow: str, text: str) -> Source:
    return replace(source, flows={**source.flows, file_of(source, flow): text})


def add_step(source: Source, flow: str, asked: Asked) -> Source:
    text = text_of(source, flow)
    name = asked.name or _named(asked.texts.get("fr", ""), steps.names(text))
    given: dict[str, Setting] = {}
    if asked.kind != END:
        given = _begun(asked, asked.to or _onward(text, asked.after))
    text = steps.add(text, name, given, asked.after)
    if asked.kind != END and not asked.to:
        text = steps.change(text, asked.after, {"then": name})
    spoken = [] if asked.kind in PASSES else [Saying(f"{flow}.{name}", asked.texts)]
    return _saying(with_text(source, flow, text), spoken)


def _begun(asked: Asked, to: str) -> dict[str, Setting]:
    """The step as it stands before its own form is filled in."""
    if asked.kind not in PASSES:
        return {"ask": asked.kind, **STARTS.get(asked.kind, {}), "then": to}
    if asked.kind == "each":  # the list's steps are those that came next; where all go on is for its form
        return {**PASSES["each"], "do": to, "then": "done"}
    return {**PASSES[asked.kind], "then": {ELSE: to} if asked.kind == "look" else to}


def rename_step(source: Source, flow: str, old: str, new: str) -> Source:
    source = with_text(source, flow, steps.rename(text_of(source, flow), old, new))
    return replace(source, words=words.rename(source.words, f"{flow}.{old}", f"{flow}.{new}"))


def delete_step(source: Source, flow: str, name: str, instead: str) -> Source:
    source = with_text(source, flow, steps.delete(text_of(source, flow), name, instead))
    return _forgotten(source, f"{flow}.{name}")


def move_step(source: Source, flow: str, name: str, by: int) -> Source:
    return with_text(source, flow, steps.move(text_of(source, flow), name, by))


def ask(source: Source, flow: str, step: str, question: str) -> Source:
    """The step asking another kind of question, with what that is asked with at first."""
    return with_text(source, flow, steps.ask(text_of(source, flow), step, question, STARTS.get(question, {})))


def rewrite(source: Source, flow: str, step: str, form: Rewritten) -> Source:
    text = text_of(source, flow)
    given = steps.settings(text, step)
    text = steps.change(text, step, {word: to for word, to in form.settings.items() if given.get(word) != to})
    for answer, to in form.leads.items():
        if answers.exits(steps.settings(text, step)).get(answer, "") != to:
            text = answers.lead(text, step, answer, to)
    return _saying(with_text(source, flow, text), form.sayings)


def add_option(
    source: Source, flow: str, step: str, option: str, to: str, texts: Mapping[str, str]
) -> Source:
    text = text_of(source, flow)
    there = answers.options(steps.settings(text, step))
    option = option or _named(texts.get("fr", ""), there)
    source = with_text(source, flow, answers.add_option(text, step, option, to))
    return _saying(source, [Saying(f"{flow}.{step}.{option}", texts)])


def move_option(source: Source, flow: str, step: str, option: str, by: int) -> Source:
    return with_text(source, flow, answers.move_option(text_of(source, flow), step, option, by))


def delete_option(source: Source, flow: str, step: str, option: str) -> Source:
    source = with_text(source, flow, answers.delete_option(text_of(source, flow), step, option))
    return _forgotten(source, f"{flow}.{step}.{option}")


def new_flow(source: Source, name: str, menu: str, texts: Mapping[str, str]) -> Source:
    """A flow of one last screen, for its author to go on from; its place in the menu has these words."""
    if not NAME.fullmatch(name):
        raise Impossible("bad_name", name=name)
    file = f"flows/{name}.yaml"
    if file in source.flows:
        raise Impossible("name_taken", name=name)
    if menu and not (menu.isascii() and menu.isdigit()):
        raise Impossible("bad_menu", menu=menu)
    place = f"menu: {menu}\n" if menu else ""
    text = f"flow: {name}\n{place}roles: [asc]\nstart: thanks\n\nthanks: end\n"
    made = replace(source, flows={**source.flows, file: text})
    return _saying(made, [Saying(f"{name}.menu", texts)] if menu else [])


def delete_flow(source: Source, flow: str) -> Source:
    file = file_of(source, flow)
    left = replace(source, flows={name: text for name, text in source.flows.items() if name != file})
    return _forgotten(left, flow)


def _saying(source: Source, sayings: Iterable[Saying]) -> Source:
    said = dict(source.words)
    for saying in sayings:
        said = words.say(said, saying)
    return replace(source, words=said)


def _forgotten(source: Source, family: str) -> Source:
    keys = {
        key
        for language, po in source.words.items()
        for entry in words.entries(po)
        if (key := words.key_of(language, entry)) == family or key.startswith(f"{family}.")
    }
    return replace(source, words=words.forget(source.words, keys))


def _onward(text: str, after: str) -> str:
    """Where a step leads that leads to one place only. Raises Impossible for any other."""
    then = steps.settings(text, after).get("then") if after else None
    if not isinstance(then, str):
        raise Impossible("to_needed")
    return then


def _named(french: str, taken: Sequence[str]) -> str:
    """A name made of the first words that say something: « Combien d'enfants ? » → combien_enfants."""
    said = [
        word for word in "".join(c if c.isalnum() else " " for c in bare(french)).split() if len(word) > 2
    ]
    name = "_".join(said[:3])[:LONGEST].strip("_")
    if not NAME.fullmatch(name):
        raise Impossible("name_needed")
    numbered = (f"{name}_{number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(other for other in numbered if other not in taken)
