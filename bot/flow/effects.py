"""What a step asks the house to do: values, carried out by the store in the same commit as the step."""

from typing import Any

from msgspec import Struct


class Record(Struct, frozen=True, gc=False):
    """Rows for the ledger, one for each dict of answers. `once: day` corrects the row of the same local day."""

    kind: str
    rows: tuple[dict[str, Any], ...]
    flow: str
    once: str = ""
    corrects: bool = False
    void: bool = False
    """Takes the row it corrects back, with nothing in its place."""
    again: tuple[dict[str, Any], ...] = ()
    """Of what is taken back: the rows that stand again."""
    undoes: int = 0
    """And when it was said (Unix ms)."""


class Change(Struct, frozen=True, gc=False):
    """Something the contact decides about herself: her language, her consent."""

    name: str
    value: str


class Tell(Struct, frozen=True, gc=False):
    """An SMS to somebody else, said in that person's language when it is sent. `to` is a number of the roster."""

    to: str
    key: str
    values: dict[str, Any]


class Handle(Struct, frozen=True, gc=False):
    """What a leader decides about an alert: acknowledge it or resolve it, confirm or refuse a newcomer."""

    verb: str
    number: str


class AskBySms(Struct, frozen=True, gc=False):
    """She asked to go on by SMS: the open question is sent to her."""


Effect = Record | Change | Tell | Handle | AskBySms
