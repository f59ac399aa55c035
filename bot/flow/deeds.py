"""What a way between two screens looks at and does: guards read a run, deeds change the copy a step works on."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.flow.definition import HANDLED, Act, Each, Exit, Flow, Value
from bot.flow.effects import Change, Handle, Record, Tell
from bot.flow.run import Item, Loop, Run
from bot.text.numbers import written

Guard = Callable[[Run], bool]
Deed = Callable[[Run], None]


def answered(way: Exit) -> Guard | None:
    matches = _matcher(way)
    return None if way.other else lambda run: matches(run.answer, run)


def looked(name: str, way: Exit) -> Guard | None:
    matches = _matcher(way)
    return None if way.other else lambda run: matches(run.get(name), run)


def _matcher(way: Exit) -> Callable[[Value | None, Run], bool]:
    if not way.ranged:
        number = written(way.value or "")
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


def more(run: Run) -> bool:
    return run.loop is not None and run.loop.more


def last(run: Run) -> bool:
    return not more(run)


def advance(*, skip: bool) -> Deed:
    def advance(run: Run) -> None:
        loop = run.loop
        assert loop is not None  # noqa: S101 - `more` held
        rows = loop.rows[:-1] if skip else loop.rows
        items = loop.items
        if skip:
            items = (*items[: loop.index], *items[loop.index + 1 :])
        run.loop = Loop(loop.name, items, loop.index + (not skip), (*rows, {}))

    return advance


def leave(flow: Flow, each: Each, *, skip: bool) -> Deed:
    """Ends a loop: its rows are what `record` keeps, or else answers of the flow itself."""
    recorded = [act for act in each.acts if act.verb == "record"]
    extra = recorded[0].extra if recorded else ()
    aside = aside_of(flow)

    def named(item: Item, row: Mapping[str, Value]) -> Mapping[str, Value]:
        known = {name: item.facts[fact] for name, fact in extra if fact in item.facts} if extra else {}
        own = {each.saved_as: item.value} if each.saved_as else {}
        return {**own, **known, **kept_answers(aside, row)}

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


def aside_of(flow: Flow) -> frozenset[str]:
    """The answers that go into no report (`keep: no`)."""
    return frozenset(step.saved_as for step in flow.asks() if not step.keep)


def kept_answers(aside: frozenset[str], answers: Mapping[str, Value]) -> Mapping[str, Value]:
    """All but what is set aside."""
    if aside.isdisjoint(answers):
        return answers
    return {name: value for name, value in answers.items() if name not in aside}


def forget_rows(run: Run) -> None:
    run.rows = None


def deed(act: Act, key: str, flow: Flow) -> Deed:
    if act.verb == "set":
        return _set(act.what)
    if act.verb == "tell":
        return _tell(act.what, f"{key}.tell")
    return _handle(act) if act.verb in HANDLED else _record(act, flow)


def _handle(act: Act) -> Deed:
    def handle(run: Run) -> None:
        """An answer that was chosen from a list, or all of a list."""
        listed: list[Value] = [item.value for item in run.items(act.what)]
        values = listed or [run.get(act.what) or ""]
        run.effects = (*run.effects, *(Handle(act.verb, str(value)) for value in values))

    return handle


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
    aside = aside_of(flow)

    def record(run: Run) -> None:
        known = {name: value for name, fact in act.extra if (value := run.get(fact)) is not None}
        outer = {**kept_answers(aside, run.answers), **known}
        rows = tuple(_plain({**outer, **row}) for row in (({},) if run.rows is None else run.rows))
        if rows:
            run.effects = (*run.effects, Record(act.what, rows, flow.name, act.once, act.corrects))
        run.recorded = True

    return record


def _plain(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in answers.items()}
