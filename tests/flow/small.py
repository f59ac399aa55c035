"""Small releases for tests: a flow or two with just the words they need."""

import re
from collections.abc import Mapping

from bot.flow import engine
from bot.flow.definition import Value
from bot.flow.release import Release, Source
from bot.flow.run import Caller, Item, Medium, Run
from bot.text.screens import Budget

COMMON = {
    "common.back": "Retour",
    "common.home": "Menu",
    "common.more": "Suite",
    "common.yes": "Oui",
    "common.no": "Non",
    "common.done": "Fini.",
    "common.again": "Encore",
    "common.by_sms": "Par SMS.",
    "common.by_sms.offer": "Finir par SMS",
    "common.wrong.choice": "De {low} à {high}.",
    "common.wrong.several": "Ensemble.",
    "common.wrong.number": "Un nombre.",
    "common.wrong.range": "De {low} à {high}.",
    "common.wrong.length": "De {low} à {high} lettres.",
    "common.wrong.phone": "Numéro ?",
    "common.wrong.date": "Date, {example}.",
    "common.wrong.pin": "Quatre chiffres.",
    "common.example.number": "Ex. 12",
    "keyword.yes": "OUI",
    "keyword.no": "NON",
    "keyword.today": "AUJOURD'HUI",
    "keyword.yesterday": "HIER",
}
SCREENS = Medium(Budget())
MESSAGES = Medium(Budget(limit=459), paged=False)


def po(words: Mapping[str, str]) -> str:
    return "".join(f'msgid "{key}"\nmsgstr "{text}"\n\n' for key, text in words.items())


def release(*flows: str, **words: str) -> Release:
    """Flows as text; words by key with `__` for the dot. A step without words is said by its name."""
    named = {f"{_name(flow)}.yaml": flow for flow in flows}
    said = COMMON | {key.replace("__", "."): text for key, text in words.items()}
    return Release(Source(named, {"fr": po(_filled(flows, said))}), 1)


def _name(flow: str) -> str:
    return flow.partition("flow: ")[2].partition("\n")[0]


def _filled(flows: tuple[str, ...], said: dict[str, str]) -> dict[str, str]:
    filled = dict(said)
    for flow in flows:
        name = _name(flow)
        filled.setdefault(f"{name}.menu", name)
        for step in re.findall(r"^(\w+):", flow, re.MULTILINE):
            filled.setdefault(f"{name}.{step}", step)
        for step, among in re.findall(
            r"^(\w+):\n(?:  \w+: \w+\n)*?  among: \[([^\]]+)\]", flow, re.MULTILINE
        ):
            for option in among.split(", "):
                filled.setdefault(f"{name}.{step}.{option}", option)
    return filled


def caller(role: str = "asc", lists: Mapping[str, tuple[Item, ...]] | None = None, **facts: Value) -> Caller:
    return Caller("+22376123456", role, "fr", {"today": "2026-11-21", **facts}, lists or {})


def begin(made: Release, who: Caller | None = None, medium: Medium = SCREENS, flow: str = "") -> Run:
    return engine.begin(
        made, who or caller(), medium, flow or ("outer" if "outer" in made.flows else next(iter(made.flows)))
    )


def shown(run: Run) -> str:
    return engine.page(run)


def typed(run: Run, *texts: str) -> Run:
    for text in texts:
        run = engine.step(run, text)
    return run
