"""What a flow is once it is read: steps that ask, steps that only pass, and the exits between them."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field

NEXT = "next"
SKIP = "skip"
DONE = "done"
RESERVED = {NEXT, SKIP, DONE}
"""Where an exit may lead besides a step: the loop's next item (`skip`: forget this one), and back to the caller."""

Value = str | int | tuple[str, ...]


class Problem(Struct, frozen=True, order=True):
    """One thing wrong in a file, said to its author; line 0 where there are no lines, as in the environment."""

    file: str
    line: int
    message: str
    level: str = "error"

    def __str__(self) -> str:
        label = "" if self.level == "error" else f"{self.level}: "
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {label}{self.message}"


class FlowError(Exception):
    """The author's fault: every problem found, each with its file and line."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class Refused(Exception):  # noqa: N818 - the caller's answer, not an error of the program
    """An answer that cannot be taken; `key` is what the screen says about it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class Exit(Struct, frozen=True):
    """Where an answer leads: by its value, by a range whose ends may name a known number, or by `else`."""

    to: str
    line: int
    value: str | None = None
    low: int | str | None = None
    high: int | str | None = None
    other: bool = False

    @property
    def ranged(self) -> bool:
        return self.low is not None or self.high is not None


class Ask(Struct, frozen=True):
    """A question: one screen, one answer, kept under `name` (or under the loop's item, `as: item`)."""

    name: str
    line: int
    question: str
    exits: tuple[Exit, ...]
    settings: dict[str, Any] = field(default_factory=dict)
    saved_as: str = ""
    keep: bool = True
    right: str = ""
    acts: tuple["Act", ...] = ()


class Act(Struct, frozen=True):
    """Something done between two screens: record, set or tell."""

    verb: str
    what: str
    line: int
    once: str = ""
    corrects: bool = False
    extra: tuple[tuple[str, str], ...] = ()
    """What is kept besides the answers: (the name it is kept under, what is known)."""


class Pass(Struct, frozen=True):
    """A step without a screen: it acts, then goes on; or it looks at what is known and chooses an exit."""

    name: str
    line: int
    exits: tuple[Exit, ...]
    look: str = ""
    acts: tuple[Act, ...] = ()


class Each(Struct, frozen=True):
    """The steps from `body` on, once for each item of a list; `record` keeps one row an item."""

    name: str
    line: int
    over: str
    body: str
    exits: tuple[Exit, ...]
    saved_as: str = ""
    acts: tuple[Act, ...] = ()


class Call(Struct, frozen=True):
    """Another flow, and back."""

    name: str
    line: int
    flow: str
    exits: tuple[Exit, ...]


class End(Struct, frozen=True):
    """The last screen of a call."""

    name: str
    line: int


Step = Ask | Pass | Each | Call | End


class Keyword(Struct, frozen=True):
    """A word that starts the flow by SMS: what it answers already, and where it goes on."""

    name: str
    to: str
    line: int
    answers: dict[str, str] = field(default_factory=dict)


class Flow(Struct, frozen=True):
    """One conversation. `menu` is its place in the menu (0: not listed), `roles` who may begin it (empty: all)."""

    name: str
    file: str
    start: str
    steps: dict[str, Step]
    menu: int = 0
    roles: frozenset[str] = frozenset()
    sms: tuple[Keyword, ...] = ()
    line: int = 1

    def open_to(self, role: str) -> bool:
        return not self.roles or role in self.roles

    def loop_of(self) -> Mapping[str, str]:
        """Each step of a loop's body → the loop's name."""
        loops: dict[str, str] = {}
        for each in (step for step in self.steps.values() if isinstance(step, Each)):
            todo = [each.body]
            while todo:
                name = todo.pop()
                if name in loops or name not in self.steps:
                    continue
                loops[name] = each.name
                todo += [way.to for way in exits_of(self.steps[name])]
        return loops

    def asks(self) -> Iterator[Ask]:
        return (step for step in self.steps.values() if isinstance(step, Ask))


def acts_of(step: Step) -> tuple[Act, ...]:
    return step.acts if isinstance(step, Ask | Pass | Each) else ()


def keeps_by_item(flow: Flow) -> bool:
    """Whether its report has a row for each item of a loop, and none without one."""
    return any(
        act.verb == "record" for step in flow.steps.values() if isinstance(step, Each) for act in step.acts
    )


def exits_of(step: Step) -> tuple[Exit, ...]:
    return () if isinstance(step, End) else step.exits


KINDS = ("checkin", "stock", "training", "alert", "payment", "quiz", "registration")
"""What a row of the ledger can be: one standard report schema, whoever writes the flows."""
ROLES = ("unknown", "asc", "dtc", "district", "region", "central")
SETTABLE = ("language", "consent")
HANDLED = ("acknowledge", "resolve", "confirm", "refuse")
"""What can be done about an alert, or about the request of a newcomer."""
