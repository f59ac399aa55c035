"""Every way from one resting place of a flow to the next, through whatever lies between two screens.

A run rests on a question, an end, a call, or where it must look at something that has just changed. Steps that only
look or act have no place of their own: they are folded into the guards and deeds of the ways that lead through them.
"""

from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

from bot.flow import deeds
from bot.flow.deeds import Deed, Guard
from bot.flow.definition import (
    DONE,
    NEXT,
    SKIP,
    Act,
    Ask,
    Call,
    Each,
    End,
    Flow,
    FlowError,
    Keyword,
    Pass,
    Problem,
)
from bot.flow.run import Loop, Run

BEGIN = "begin"
MOST_WAYS = 200
MOST_PASSED = 100
"""Steps between two screens."""


def sms_state(keyword: Keyword) -> str:
    """The place where a run begins that an SMS keyword started."""
    return f"sms:{keyword.name}"


class Way(Struct, frozen=True):
    """One way from a place of rest to the next: what must hold, what is done, where it ends."""

    to: str
    guards: tuple[Guard, ...] = ()
    deeds: tuple[Deed, ...] = ()
    passed: tuple[str, ...] = ()
    changed: bool = False
    """The loop's item or the language has changed on the way: what a step looks at must be looked up afresh."""

    def on(self, guard: Guard | None = None, *deeds: Deed, changed: bool = False) -> "Way":
        guards = (*self.guards, guard) if guard else self.guards
        return Way(self.to, guards, (*self.deeds, *deeds), self.passed, self.changed or changed)


class Weaver:
    """Finds every way between the resting places of one flow."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.loops = flow.loop_of()
        self.looks = {step.name for step in flow.steps.values() if isinstance(step, Pass) and step.look}

        self.starts = {BEGIN: flow.start} | {sms_state(keyword): keyword.to for keyword in flow.sms}

    def places(self) -> list[str]:
        """Where a run begins, rests or must look again; the last screens are no places to go on from."""
        steps = self.flow.steps.items()
        return [
            *self.starts,
            *(name for name, step in steps if isinstance(step, Ask | Call) or name in self.looks),
        ]

    def ends(self) -> list[str]:
        return [DONE, *(name for name, step in self.flow.steps.items() if isinstance(step, End))]

    def ways(self, source: str) -> list[Way]:
        """Every way on from a place, in the order they are tried."""
        # One too many is enough: of twenty looks one after the other there may be a million.
        ways = list(islice(self._from(source), MOST_WAYS + 1))
        if len(ways) > MOST_WAYS:
            raise self._error(
                source, f"more than {MOST_WAYS} ways lead on from `{source}`: split the flow in two"
            )
        return ways

    def _from(self, source: str) -> Iterator[Way]:
        if source in self.starts:
            yield from self._lead(Way(self.starts[source]), "")
            return
        step = self.flow.steps[source]
        if isinstance(step, Ask):
            start = Way("").on(None, *self._deeds(step.acts, step.name), changed=_sets(step.acts))
            for way in step.exits:
                yield from self._lead(_to(start.on(deeds.answered(way)), way.to), source)
        elif isinstance(step, Pass):
            yield from self._through(step, Way(""))
        else:
            assert isinstance(step, Call)  # noqa: S101 - the last kind of place
            yield from self._lead(Way(step.exits[0].to), source)

    def _lead(self, way: Way, source: str) -> Iterator[Way]:
        """Follows a way from its target on, until it comes to rest."""
        if way.to in (NEXT, SKIP):
            yield from self._next(way, self.loops[source])
            return
        step = self.flow.steps.get(way.to)
        if step is None or isinstance(step, Ask | Call | End):
            yield way
            return
        if step.name in way.passed:
            raise self._error(step.name, f"`{step.name}` leads back to itself without asking anything")
        if len(way.passed) == MOST_PASSED:
            raise self._error(
                step.name, f"more than {MOST_PASSED} steps lead to `{step.name}` without asking anything"
            )
        way = Way(way.to, way.guards, way.deeds, (*way.passed, step.name), way.changed)
        if isinstance(step, Each):
            yield from self._enter(step, way)
        elif step.look and way.changed:
            yield way
        else:
            yield from self._through(step, way)

    def _through(self, step: Pass, way: Way) -> Iterator[Way]:
        after = way.on(None, *self._deeds(step.acts, step.name), changed=_sets(step.acts))
        for exit_ in step.exits:
            yield from self._lead(
                _to(after.on(deeds.looked(step.look, exit_) if step.look else None), exit_.to), step.name
            )

    def _enter(self, each: Each, way: Way) -> Iterator[Way]:
        over, name = each.over, each.name

        def enter(run: Run) -> None:
            run.loop = Loop(name, run.items(over))

        yield from self._lead(
            _to(way.on(lambda run: bool(run.items(over)), enter, changed=True), each.body), name
        )
        yield from self._lead(_to(way.on(lambda run: not run.items(over)), each.exits[0].to), name)

    def _next(self, way: Way, name: str) -> Iterator[Way]:
        each = self.flow.steps[name]
        assert isinstance(each, Each)  # noqa: S101 - loop_of names only these
        skip = way.to == SKIP
        onward = _to(way.on(deeds.more, deeds.advance(skip=skip), changed=True), each.body)
        # What looks is looked at afresh with each item; what only acts, twice without a question, goes on for ever.
        passed = tuple(step for step in way.passed if step not in self.looks and step != name)
        yield from self._lead(Way(onward.to, onward.guards, onward.deeds, passed, changed=True), name)
        done = (deeds.leave(self.flow, each, skip=skip), *self._deeds(each.acts, name), deeds.forget_rows)
        yield from self._lead(_to(way.on(deeds.last, *done), each.exits[0].to), name)

    def _deeds(self, acts: tuple[Act, ...], step: str) -> list[Deed]:
        return [deeds.deed(act, f"{self.flow.name}.{step}", self.flow) for act in acts]

    def _error(self, step: str, message: str) -> FlowError:
        line = self.flow.steps[step].line if step in self.flow.steps else self.flow.line
        return FlowError([Problem(self.flow.file, line, message)])


def _to(way: Way, to: str) -> Way:
    return Way(to, way.guards, way.deeds, way.passed, way.changed)


def _sets(acts: tuple[Act, ...]) -> bool:
    """Whether something is set that a later step may look at."""
    return any(act.verb == "set" for act in acts)
