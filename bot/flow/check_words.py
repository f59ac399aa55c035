"""Lints of the words: said in every language, with the same placeholders, on screens that fit at their longest."""

import re
from collections.abc import Collection, Iterator, Mapping

from bot.flow.definition import Ask, Each, End, Flow, Problem, acts_of
from bot.flow.facts import FACTS, ITEM_FACTS, LISTS, MADE
from bot.flow.questions.text import Text
from bot.flow.release import KEYWORD, Release, file_of
from bot.flow.said import BY_CODE, given
from bot.text.catalog import Message, placeholders
from bot.text.fold import bare, to_gsm
from bot.text.screens import Budget

LONGEST_LIST = "99"
LONGEST_REPORT = "CTE 9999, SRO 9999, +14"


def word_problems(release: Release, products: Collection[str] = ()) -> Iterator[Problem]:
    used: dict[str, tuple[Flow, int]] = {}
    for flow in release.flows.values():
        for key, line in keys_of(release, flow).items():
            used[key] = (flow, line)
            yield from _missing(release, flow, key, line)
        yield from _screen_problems(release, flow)
    yield from _message_problems(release, used)
    yield from _keyword_problems(release, products)


def keys_of(release: Release, flow: Flow) -> dict[str, int]:
    """Every key that flow says, with the line that says it."""
    keys = {f"{flow.name}.menu": 1} if flow.menu else {}
    for step in flow.steps.values():
        key = f"{flow.name}.{step.name}"
        if isinstance(step, Ask | End):
            keys[key] = step.line
        if isinstance(step, Ask):
            keys |= dict.fromkeys(release.places[flow.name, step.name].question.option_keys(), step.line)
        keys |= {f"{key}.tell": act.line for act in acts_of(step) if act.verb == "tell"}
    return keys | {f"keyword.{keyword.name}": keyword.line for keyword in flow.sms}


def _missing(release: Release, flow: Flow, key: str, line: int) -> Iterator[Problem]:
    for language in release.words.languages:
        message = release.words.get(language, key)
        if message is None or not message.text:
            level = "error" if language == "fr" else "warning"
            instead = "" if language == "fr" else ": it is said in French"
            yield Problem(flow.file, line, f"`{key}` has no words in {file_of(language)}{instead}", level)


def _message_problems(release: Release, used: dict[str, tuple[Flow, int]]) -> Iterator[Problem]:
    for language, catalog in release.catalogs.items():
        for message in catalog.messages.values():
            yield from _stale(release, language, message)
            yield from _unshowable(language, message)
            yield from _placeholder_problems(language, message, used)


def _unshowable(language: str, message: Message) -> Iterator[Problem]:
    if to_gsm(message.text).count("?") > message.text.count("?"):
        yield Problem(
            file_of(language), message.line, f"`{message.key}` holds letters that a phone can only show as ?"
        )


def _stale(release: Release, language: str, message: Message) -> Iterator[Problem]:
    french = release.words.get("fr", message.key)
    if message.fuzzy:
        yield Problem(
            file_of(language), message.line, f"`{message.key}` is fuzzy: it is said in French", "warning"
        )
    elif language != "fr" and (french is None or french.text != message.french):
        yield Problem(
            file_of(language),
            message.line,
            f"`{message.key}` was translated from another French text: said in French",
            "warning",
        )


def _placeholder_problems(
    language: str, message: Message, used: dict[str, tuple[Flow, int]]
) -> Iterator[Problem]:
    if language != "fr":
        return  # a translation that names other things than the French is no catalogue at all
    named = placeholders(message.text)
    if message.key not in used:
        if (
            not message.key.startswith(BY_CODE)
            and message.key not in EXTRA
            and not OF_RULES.fullmatch(message.key)
        ):
            yield Problem(file_of(language), message.line, f"`{message.key}` is said by no flow", "warning")
        own = given(message.key)
        for name in sorted(named - own) if own is not None else ():
            yield Problem(
                file_of(language),
                message.line,
                f"`{message.key}` names {{{name}}}, which the program does not give it",
            )
        return
    flow = used[message.key][0]
    known = {*answers_of(flow), *FACTS, *ITEM_FACTS, *MADE, *LISTS}
    for name in sorted(named - known):
        yield Problem(
            file_of(language),
            message.line,
            f"`{message.key}` names {{{name}}}, which `{flow.name}` does not know",
        )


EXTRA = {"doubt.none"}
"""Said by the SMS services on behalf of a flow."""
OF_RULES = re.compile(r"alert\.(\w+\.(told|line|many)|digest\w*)")
"""What alerts say, each in the words of its rule; nothing of it belongs to the flow `alert`."""


def _said(release: Release, key: str) -> bool:
    """Whether there are words for it at all; where there are none, that is what is wrong."""
    message = release.words.get("fr", key)
    return message is not None and message.text != ""


def answers_of(flow: Flow) -> set[str]:
    return {step.saved_as for step in flow.steps.values() if isinstance(step, Ask | Each) and step.saved_as}


def longest(release: Release, flow: Flow, language: str) -> Mapping[str, str]:
    """For each placeholder of a flow, the longest text that can stand there."""
    asked = flow.name, language
    if asked not in release.longest:  # each step of a page asks
        release.longest[asked] = _longest(release, flow, language)
    return release.longest[asked]


def _longest(release: Release, flow: Flow, language: str) -> Mapping[str, str]:
    values = {name: str(value) for name, value in {**FACTS, **ITEM_FACTS, **MADE}.items()}
    values |= dict.fromkeys(LISTS, LONGEST_LIST) | {"report": LONGEST_REPORT}
    for ask in flow.asks():
        values[ask.saved_as] = _longest_answer(release, flow, ask, language, values)
    return values


def _unknown(release: Release, language: str, key: str, values: Mapping[str, str]) -> set[str]:
    """Placeholders that nothing stands for, of the words themselves or of the French said instead."""
    said = (release.words.get(code, key) for code in {language, "fr"})
    return {name for message in said if message for name in placeholders(message.text)} - values.keys()


def _longest_answer(release: Release, flow: Flow, ask: Ask, language: str, values: Mapping[str, str]) -> str:
    question = release.places[flow.name, ask.name].question
    keys = [key for key in question.option_keys() if _said(release, key)]
    labels = [
        release.words.say(language, key, values)
        for key in keys
        if not _unknown(release, language, key, values)
    ]
    span = question.span()
    if labels:
        return ", ".join(labels) if ask.question == "several" else max(labels, key=len)
    if span is not None:
        return str(span[1])
    if isinstance(question, Text):
        return "W" * question.high
    made = {"date": "2026-11-21", "phone": "+22376123456"}
    return made.get(ask.question, str(ITEM_FACTS["item"]))


def _screen_problems(release: Release, flow: Flow) -> Iterator[Problem]:
    """A last screen has no second page, so it must fit as it is; a question must leave room for its keys."""
    budget = Budget()
    for language in release.words.languages:
        values = longest(release, flow, language)
        for step in flow.steps.values():
            key = f"{flow.name}.{step.name}"
            if not isinstance(step, End) or not _said(release, key):
                continue
            message = release.words.get(language, key) or release.words.get("fr", key)
            if message is None or _unknown(release, language, key, values):
                continue
            size = budget.size(to_gsm(release.words.say(language, key, values)))
            if size > budget.limit:
                yield Problem(
                    file_of(language),
                    message.line,
                    f"`{key}` takes {size} septets at its longest, and a screen {budget.limit}",
                )


def _keyword_problems(release: Release, products: Collection[str]) -> Iterator[Problem]:
    """One word, one meaning, in all languages together."""
    owners = {bare(code): f"the product {code}" for code in products}
    for language, catalog in release.catalogs.items():
        for message in catalog.messages.values():
            if not message.key.startswith(KEYWORD):
                continue
            for form in sorted({bare(word) for word in message.text.split(",")} - {""}):
                if form.isdigit():
                    yield Problem(
                        file_of(language),
                        message.line,
                        f"`{form}` is an answer, and cannot be `{message.key}`",
                    )
                owner = owners.setdefault(form, message.key)
                if owner != message.key:
                    yield Problem(
                        file_of(language), message.line, f"`{form}` of `{message.key}` is already {owner}"
                    )
