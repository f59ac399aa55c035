"""A flow compiled to one `transitions.Machine`: its states are the places where a run can rest.

Steps that only look or act have no state of their own: they are folded into the guards and the `before` of
the exits that lead through them, so that a step is one trigger however much lies between two screens.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from msgspec import Struct
from transitions import EventData, Machine

from bot.flow.definition import (
    DONE,
    NEXT,
    SKIP,
    Act,
    Ask,
    Call,
    Each,
    End,
    Exit,
    Flow,
    FlowError,
    Keyword,
    Pass,
    Problem,
    Value,
)
from bot.flow.effects import Change, Record, Tell
from bot.flow.run import Item, Loop, Run

BEGIN = "begin"
MOST_WAYS = 200
Guard = Callable[[Run], bool]
Deed = Callable[[Run], None]


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


class Compiled(Struct, frozen=True):
    """The machine of one flow and its two triggers."""

    flow: Flow
    machine: Any
    answer: Callable[..., bool]
    go: Callable[..., bool]


def sms_state(keyword: Keyword) -> str:
    """The state in which a run begins that an SMS keyword started."""
    return f"sms:{keyword.name}"


def compile_flow(flow: Flow) -> Compiled:
    """Raises FlowError where steps circle without ever asking, or fan out beyond reason."""
    weaver = _Weaver(flow)
    transitions = [row for source in weaver.places() for row in weaver.rows(source)]
    machine = Machine(
        model=None,
        states=[*weaver.places(), *weaver.ends()],
        transitions=transitions,
        initial=BEGIN,
        auto_transitions=False,
        send_event=True,
    )
    events = machine.events
    never = _never
    return Compiled(
        flow,
        machine,
        events["answer"].trigger if "answer" in events else never,
        events["go"].trigger if "go" in events else never,
    )


def _never(*_: object, **__: object) -> bool:
    return False


class _Weaver:
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

    def rows(self, source: str) -> Iterator[dict[str, Any]]:
        ways = list(self._from(source))
        if len(ways) > MOST_WAYS:
            raise self._error(
                source, f"more than {MOST_WAYS} ways lead on from `{source}`: split the flow in two"
            )
        trigger = "answer" if isinstance(self.flow.steps.get(source), Ask) else "go"
        for way in ways:
            yield {
                "trigger": trigger,
                "source": source,
                "dest": way.to,
                "conditions": [_all(way.guards)] if way.guards else [],
                "before": [_do(way.deeds)] if way.deeds else [],
            }

    def _from(self, source: str) -> Iterator[Way]:
        if source in self.starts:
            yield from self._lead(Way(self.starts[source]), "")
            return
        step = self.flow.steps[source]
        if isinstance(step, Ask):
            start = Way("").on(None, *self._deeds(step.acts, step.name))
            for way in step.exits:
                yield from self._lead(_to(start.on(_answered(way)), way.to), source)
        elif isinstance(step, Pass):
            yield from self._through(step, Way(""))
        elif isinstance(step, Call):
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
        way = Way(way.to, way.guards, way.deeds, (*way.passed, step.name), way.changed)
        if isinstance(step, Each):
            yield from self._enter(step, way)
        elif step.look and way.changed:
            yield way
        else:
            yield from self._through(step, way)

    def _through(self, step: Pass, way: Way) -> Iterator[Way]:
        after = way.on(
            None, *self._deeds(step.acts, step.name), changed=any(act.verb == "set" for act in step.acts)
        )
        for exit_ in step.exits:
            yield from self._lead(
                _to(after.on(_looked(step.look, exit_) if step.look else None), exit_.to), step.name
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
        onward = _to(way.on(_more, _advance(skip=skip), changed=True), each.body)
        # The loop's own name is not "passed": each turn asks something.
        yield from self._lead(Way(onward.to, onward.guards, onward.deeds, (), changed=True), name)
        deeds = [_leave(self.flow, each, skip=skip), *self._deeds(each.acts, name)]
        yield from self._lead(_to(way.on(_last, *deeds, _forget_rows), each.exits[0].to), name)

    def _deeds(self, acts: tuple[Act, ...], step: str) -> list[Deed]:
        return [_deed(act, f"{self.flow.name}.{step}", self.flow) for act in acts]

    def _error(self, step: str, message: str) -> FlowError:
        line = self.flow.steps[step].line if step in self.flow.steps else self.flow.line
        return FlowError([Problem(self.flow.file, line, message)])


def _to(way: Way, to: str) -> Way:
    return Way(to, way.guards, way.deeds, way.passed, way.changed)


def _all(guards: tuple[Guard, ...]) -> Callable[[EventData], bool]:
    if len(guards) == 1:
        (only,) = guards
        return lambda event: only(cast("Run", event.model))
    return lambda event: all(guard(cast("Run", event.model)) for guard in guards)


def _do(deeds: tuple[Deed, ...]) -> Callable[[EventData], None]:
    def do(event: EventData) -> None:
        for deed in deeds:
            deed(cast("Run", event.model))

    return do


def _answered(way: Exit) -> Guard | None:
    matches = _matcher(way)
    return None if way.other else lambda run: matches(run.answer, run)


def _looked(name: str, way: Exit) -> Guard | None:
    matches = _matcher(way)
    return None if way.other else lambda run: matches(run.get(name), run)


def _matcher(way: Exit) -> Callable[[Value | None, Run], bool]:
    if not way.ranged:
        number = int(way.value) if way.value and way.value.lstrip("-").isdigit() else None
        wanted = {way.value, number, (way.value,)} - {None}
        return lambda value, _: value in wanted
    low, high = way.low, way.high

    def within(value: Value | None, run: Run) -> bool:
        if not isinstance(value, int):
            return False
        least = run.get(low) if isinstance(low, str) else low
        most = run.get(high) if isinstance(high, str) else high
        # A bound that is not known bounds nothing.
        return not (isinstance(least, int) and value < least) and not (isinstance(most, int) and value > most)

    return within


def _more(run: Run) -> bool:
    return run.loop is not None and run.loop.more


def _last(run: Run) -> bool:
    return not _more(run)


def _advance(*, skip: bool) -> Deed:
    def advance(run: Run) -> None:
        loop = run.loop
        assert loop is not None  # noqa: S101 - `_more` held
        rows = loop.rows[:-1] if skip else loop.rows
        items = loop.items
        if skip:
            items = (*items[: loop.index], *items[loop.index + 1 :])
        run.loop = Loop(loop.name, items, loop.index + (not skip), (*rows, {}))

    return advance


def _leave(flow: Flow, each: Each, *, skip: bool) -> Deed:
    """Ends a loop: its rows are what `record` keeps, or else answers of the flow itself."""
    recorded = [act for act in each.acts if act.verb == "record"]
    extra = recorded[0].extra if recorded else ()
    aside = _aside(flow)

    def named(item: Item, row: Mapping[str, Value]) -> Mapping[str, Value]:
        known = {name: item.facts[fact] for name, fact in extra if fact in item.facts}
        own = {each.saved_as: item.value} if each.saved_as else {}
        return {**own, **known, **{name: value for name, value in row.items() if name not in aside}}

    def leave(run: Run) -> None:
        loop = run.loop
        assert loop is not None  # noqa: S101 - a run in the body is in the loop
        answered = loop.rows[:-1] if skip else loop.rows
        rows = tuple(named(item, row) for item, row in zip(loop.items, answered, strict=False))
        run.loop = None
        if recorded:
            run.rows = rows
            run.report = tuple(_in_short(row) for row in rows)
        else:
            run.answers = {**run.answers, **{name: value for row in rows for name, value in row.items()}}

    return leave


def _in_short(row: Mapping[str, Value]) -> str:
    """`SRO 12`: the item and its first number."""
    number = next((value for value in row.values() if isinstance(value, int)), "")
    return f"{next(iter(row.values()))} {number}".strip()


def _aside(flow: Flow) -> set[str]:
    return {step.saved_as for step in flow.asks() if not step.keep}


def _forget_rows(run: Run) -> None:
    run.rows = None


def _deed(act: Act, key: str, flow: Flow) -> Deed:
    if act.verb == "set":
        return _set(act.what)
    if act.verb == "tell":
        return _tell(act.what, f"{key}.tell")
    return _record(act, flow)


def _set(name: str) -> Deed:
    def change(run: Run) -> None:
        value = str(run.answer)
        run.effects = (*run.effects, Change(name, value))
        if name == "language":
            run.language = value

    return change


def _tell(to: str, key: str) -> Deed:
    def tell(run: Run) -> None:
        number = run.get(to)
        if number:
            run.effects = (*run.effects, Tell(str(number), key, run.told()))

    return tell


def _record(act: Act, flow: Flow) -> Deed:
    aside = _aside(flow)

    def record(run: Run) -> None:
        known = {name: run.get(fact) for name, fact in act.extra if run.get(fact) is not None}
        outer = {name: value for name, value in run.answers.items() if name not in aside} | known
        rows = tuple(_plain({**outer, **row}) for row in (({},) if run.rows is None else run.rows))
        if rows:
            run.effects = (*run.effects, Record(act.what, rows, flow.name, act.once, act.corrects))
        run.recorded = True

    return record


def _plain(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in answers.items()
        if value is not None
    }
