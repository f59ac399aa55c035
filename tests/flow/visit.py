"""One sound little flow with its words, to be broken in every way."""

from collections.abc import Mapping

from bot.flow.check import check
from bot.flow.definition import Problem
from bot.flow.release import Source

FLOW = """flow: visit
start: ask
ask:
  ask: choice
  among: [yes, no]
  then:
    yes: many
    no: thanks
many:
  ask: number
  between: 0..20
  record: checkin
  then:
    0: thanks
    else: thanks
thanks: end
"""
FRENCH = {
    "visit.ask": "Vu ?",
    "visit.ask.yes": "Oui",
    "visit.ask.no": "Non",
    "visit.many": "Combien ?",
    "visit.thanks": "Merci.",
    "common.back": "Retour",
    "common.home": "Menu",
    "common.more": "Suite",
}


def po(words: Mapping[str, str]) -> str:
    return "".join(f'msgid "{key}"\nmsgstr "{text}"\n\n' for key, text in words.items())


def bambara(words: Mapping[str, str], flags: str = "") -> str:
    return "".join(
        f'{flags}msgctxt "{key}"\nmsgid "{FRENCH[key]}"\nmsgstr "{text}"\n\n' for key, text in words.items()
    )


def problems(flow: str, words: Mapping[str, str] = FRENCH, bm: str = "", **others: str) -> list[Problem]:
    flows = {"flows/visit.yaml": flow} | {f"flows/{name}.yaml": text for name, text in others.items()}
    catalogs = {"fr": po(words)} | ({"bm": bm} if bm else {})
    return check(Source(flows, catalogs), ["SRO"])
