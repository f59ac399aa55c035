"""The JSON Schema of a flow file, made from the question types: an editor completes and checks as one types."""

from typing import Any

from msgspec import json

from bot.flow.definition import HANDLED, KINDS, ROLES, SETTABLE
from bot.flow.facts import LISTS
from bot.flow.questions import load

NAME = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
NAMES = {"type": "array", "items": NAME}
THEN = {
    "description": "where to go on: one step, or exits by value, by range (1..9, 0..last) or else",
    "anyOf": [NAME, {"type": "object", "additionalProperties": NAME, "minProperties": 1}],
}
ACTS: dict[str, Any] = {
    "record": {"enum": list(KINDS), "description": "keep the answers as a report"},
    "set": {"enum": list(SETTABLE), "description": "change this for the contact"},
    "tell": {**NAME, "description": "send an SMS to this person: supervisor, or an answer that is a number"},
    **{
        verb: {**NAME, "description": f"{verb} the alert that was chosen, or all of a list"}
        for verb in HANDLED
    },
    "once": {"const": "day", "description": "a second report of the same day corrects the first"},
    "corrects": {"enum": ["yes", "no"], "description": "this corrects the last report"},
    "with": {
        "description": "what is known and kept besides the answers",
        "anyOf": [NAMES, {"type": "object", "additionalProperties": NAME}],
    },
}


def schema() -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A Kunnafoni flow",
        "type": "object",
        "required": ["flow", "start"],
        "properties": {
            "flow": {**NAME, "description": "the name of this flow"},
            "start": {**NAME, "description": "the first step"},
            "menu": {"type": "integer", "minimum": 1, "description": "its place in the menu"},
            "roles": {
                "type": "array",
                "items": {"enum": list(ROLES)},
                "description": "who may begin it; all if absent",
            },
            "sms": {"type": "object", "additionalProperties": _keyword()},
        },
        "additionalProperties": {"anyOf": [{"const": "end"}, *_asks(), *_others()]},
    }


def schema_text() -> str:
    return json.format(json.encode(schema()), indent=2).decode() + "\n"


def _step(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**properties, "then": THEN},
        "required": required,
        "additionalProperties": False,
    }


def _asks() -> list[dict[str, Any]]:
    steps = []
    for name, kind in sorted(load().items()):
        own = {"ask": {"const": name, "description": (kind.__doc__ or "").strip()}}
        common = {"as": NAME, "keep": {"enum": ["yes", "no"]}, "right": NAME}
        then = [] if name == "flow" else ["then"]
        steps.append(_step({**own, **kind.keys, **common, **ACTS}, ["ask", *kind.required, *then]))
    return steps


def _others() -> list[dict[str, Any]]:
    lists = f"a list: {', '.join(sorted(LISTS))}, or an answer of several options"
    return [
        _step({"look": NAME, **ACTS}, ["look", "then"]),
        _step(
            {"each": {**NAME, "description": lists}, "do": NAME, "as": NAME, **ACTS}, ["each", "do", "then"]
        ),
        _step({"call": NAME}, ["call", "then"]),
        _step(ACTS, ["then"]),
    ]


def _keyword() -> dict[str, Any]:
    answers = {"type": "object", "additionalProperties": {"type": "string"}}
    return _step({"answers": answers}, ["then"])
