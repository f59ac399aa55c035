"""Why a row of a roster was refused, in the console's words: the command speaks to operators, in English."""

import re
from collections.abc import Sequence

from msgspec.structs import replace

from bot.admin.said import Sayings, Speech
from bot.flow.definition import Problem

_SAID = Sayings(
    "row",
    (
        (r"(?P<count>\d+) digits: a number here has 8.*", "digits"),
        (r"(?P<count>\d+) digits after \+223 instead of 8", "digits"),
        (r"(?P<number>\+\d+) is no international number|no Malian number begins with .", "no_number"),
        (r"no number", "no_number"),
        (r"shortened by a spreadsheet.*", "shortened"),
        (r"['\"](?P<sign>.+)['\"] stands in it: .*", "not_digit"),
        (r"(?P<number>\+\d+) is no mobile number.*", "landline"),
        (r"(?P<number>\+\d+) was hers, (?P<now>\+\d+) is: .*", "moved"),
        (r"(?P<number>\+\d+) is on line (?P<line>\d+) already", "twice"),
        (r"(?P<word>.+) is not known: (?P<near>.+)\?", "perhaps"),
        (r"(?P<word>.+) is not known", "unknown"),
        (r"empty", "empty"),
        (r"no such column, and she is new", "no_column"),
        (r"(?P<number>\+\d+) is no supervisor.*", "no_supervisor"),
        (r"(?P<number>\+\d+) is not in the roster", "absent"),
        (r"outside your area", "outside"),
        (r"(?P<count>\d+) cells under (?P<columns>\d+) columns.*", "cells"),
        (r"not UTF-8.*", "not_utf8"),
        (r"not read .*", "quote"),
    ),
)
_NO_ROWS = re.compile(r"nothing was read.*")
_COLUMN = re.compile(r"column (?P<name>\S+) is not known and was not read.*")


def told(speech: Speech, problems: Sequence[Problem]) -> list[Problem]:
    return [replace(one, message=_row(speech, one.message)) for one in problems]


def _row(speech: Speech, message: str) -> str:
    if _NO_ROWS.fullmatch(message):
        return speech.say("row.nothing")
    if found := _COLUMN.fullmatch(message):
        return speech.say("row.column", name=found["name"])
    return " ; ".join(_reason(speech, reason) for reason in message.split("; "))


def _reason(speech: Speech, reason: str) -> str:
    column, mark, why = reason.partition(": ")
    if column.startswith("+"):  # whom it is about, where no line says it
        return speech.say("row.of", column=column, why=_reason(speech, why))
    if mark and speech.knows(f"roster.{column}"):
        return speech.say("row.of", column=speech.say(f"roster.{column}"), why=_why(speech, why))
    return _why(speech, reason)


def _why(speech: Speech, why: str) -> str:
    key, values = _SAID.find(why)
    return speech.say(key, **values) if key else why
