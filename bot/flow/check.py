"""Lints: what would go wrong in a flow that can be read, by file and line. Words and screens: `check_words`."""

from collections.abc import Collection, Iterator, Mapping
from itertools import chain, pairwise

from bot.flow.check_words import word_problems
from bot.flow.definition import (
    DONE,
    HANDLED,
    KINDS,
    ROLES,
    SETTABLE,
    Act,
    Ask,
    Call,
    Each,
    End,
    Exit,
    Flow,
    FlowError,
    Pass,
    Problem,
    Step,
    exits_of,
)
from bot.flow.facts import FACTS, ITEM_FACTS, LISTS, MADE
from bot.flow.questions import Question
from bot.flow.release import Release, Source
from bot.text.numbers import written


def check(source: Source, products: Collection[str] = ()) -> list[Problem]:
    """Every problem of the flows and words, errors and warnings, in reading order."""
    try:
        release = Release(source)
    except FlowError as error:
        return sorted(error.problems)
    return lint(release, products)


def lint(release: Release, products: Collection[str] = ()) -> list[Problem]:
    """The same of a release that could be compiled."""
    found = chain(
        chain.from_iterable(_flow_problems(flow, release) for flow in release.flows.values()),
        _between_flows(release),
        word_problems(release, products),
    )
    return sorted(set(found))


NEEDED = ("menu", "resume", "stock", "doubt", "alert")
"""Flows that the program itself begins."""


def missing_flows(release: Release) -> list[Problem]:
    """What a whole programme cannot do without."""
    missing = [name for name in NEEDED if name not in release.flows]
    return [
        Problem(f"flows/{name}.yaml", 0, f"the flow `{name}` is missing: the program begins it itself")
        for name in missing
    ]


def _flow_problems(flow: Flow, release: Release) -> Iterator[Problem]:
    yield from _reach_problems(flow)
    for role in sorted(flow.roles - set(ROLES)):
        yield Problem(flow.file, 1, f"unknown role `{role}`; there are: {', '.join(ROLES)}")
    names = _names(flow)
    yield from _keyword_problems(flow, release)
    for step in flow.steps.values():
        if isinstance(step, Ask):
            question = release.places[flow.name, step.name].question
            yield from _ask_problems(flow, step, question, names)
        elif isinstance(step, Pass) and step.look:
            yield from _look_problems(flow, step, names)
        elif isinstance(step, Each) and step.over not in LISTS | _several(flow):
            yield Problem(
                flow.file, step.line, f"`each: {step.over}` is no list; there are: {', '.join(sorted(LISTS))}"
            )
        yield from chain.from_iterable(_act_problems(flow, act, names) for act in getattr(step, "acts", ()))


def _keyword_problems(flow: Flow, release: Release) -> Iterator[Problem]:
    """A keyword answers questions of its flow, with answers that those could have."""
    questions = {ask.saved_as: release.places[flow.name, ask.name].question for ask in flow.asks()}
    for keyword in flow.sms:
        for name, value in keyword.answers.items():
            values = questions[name].values() if name in questions else ()
            if values is not None and value not in values:
                there = f"; there are: {', '.join(values)}" if values else ""
                yield Problem(flow.file, keyword.line, f"`{name}: {value}` is no answer of this flow{there}")


def _names(flow: Flow) -> set[str]:
    """Everything a step of this flow can look up."""
    own = {step.saved_as for step in flow.steps.values() if isinstance(step, Ask | Each) and step.saved_as}
    return own | set(FACTS) | set(ITEM_FACTS) | set(MADE) | LISTS


def _several(flow: Flow) -> set[str]:
    return {ask.saved_as for ask in flow.asks() if ask.question == "several"}


def _reach_problems(flow: Flow) -> Iterator[Problem]:
    """Steps nobody can come to, and steps from which no call can end."""
    reached = _closure(
        {flow.start, *(keyword.to for keyword in flow.sms)},
        {name: _onward(step) for name, step in flow.steps.items()},
    )
    backward: dict[str, set[str]] = {}
    for name, step in flow.steps.items():
        for to in _onward(step):
            backward.setdefault(to, set()).add(name)
    loops = flow.loop_of()
    for name, loop in loops.items():
        backward.setdefault(loop, set()).add(name)
    ends = {name for name, step in flow.steps.items() if isinstance(step, End)} | {DONE}
    ending = _closure(ends, backward) | {name for name, step in flow.steps.items() if _calls_menu(step)}
    for name, step in flow.steps.items():
        if name not in reached:
            yield Problem(flow.file, step.line, f"`{name}` is never reached: no exit leads to it")
        elif name not in ending and not name.partition(":")[2]:
            yield Problem(flow.file, step.line, f"dead end: from `{name}` no call can ever end")


def _calls_menu(step: Step) -> bool:
    return isinstance(step, Ask) and step.question == "flow"


def _onward(step: Step) -> set[str]:
    onward = {way.to for way in exits_of(step)}
    return onward | {step.body} if isinstance(step, Each) else onward


def _closure(start: Collection[str], onward: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    todo = list(start)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += onward.get(name, ())
    return found


def _ask_problems(flow: Flow, ask: Ask, question: Question, names: set[str]) -> Iterator[Problem]:
    values, span = question.values(), question.span()
    if ask.right and ask.right not in (values or ()):
        yield Problem(flow.file, ask.line, f"`right: {ask.right}` is not one of the options")
    among = ask.settings.get("among")
    if isinstance(among, str) and among not in LISTS | _several(flow) | {"flows"}:
        yield Problem(
            flow.file, ask.line, f"`among: {among}` is no list; there are: {', '.join(sorted(LISTS))}"
        )
    yield from _exit_problems(flow, ask.exits, names)
    if ask.question == "flow" or _has_else(ask.exits):
        yield from _foreign_values(flow, ask, values, span)
        return
    if values is not None:
        for value in values:
            if all(way.value != value for way in ask.exits):
                yield Problem(
                    flow.file, ask.line, f"dead end: the answer `{value}` of `{ask.name}` leads nowhere"
                )
    elif span is not None:
        yield from _gaps(flow, ask, span)
    else:
        yield Problem(
            flow.file, ask.line, f"dead end: `{ask.name}` wants an `else:` exit, any answer can come"
        )
    yield from _foreign_values(flow, ask, values, span)


def _has_else(exits: tuple[Exit, ...]) -> bool:
    return any(way.other for way in exits)


def _foreign_values(
    flow: Flow, ask: Ask, values: Collection[str] | None, span: tuple[int, int] | None
) -> Iterator[Problem]:
    """Exits for answers that this question can never have."""
    for way in ask.exits:
        if way.value is None and not way.ranged:
            continue
        if ask.question == "flow":
            continue
        if values is not None and way.value not in values:
            yield Problem(
                flow.file,
                way.line,
                f"`{way.value or 'this range'}` is no answer of `{ask.name}`; there are: {', '.join(values)}",
            )
        if span is not None and not _overlaps(way, span):
            yield Problem(flow.file, way.line, f"this exit is outside `between: {span[0]}..{span[1]}`")


def _bounds(way: Exit, span: tuple[int, int]) -> tuple[int, int] | None:
    """The numbers an exit takes for certain; None when an end is only known later."""
    if way.value is not None:
        return None if (number := written(way.value)) is None else (number, number)
    if isinstance(way.low, str) or isinstance(way.high, str):
        return None
    return (span[0] if way.low is None else way.low, span[1] if way.high is None else way.high)


def _overlaps(way: Exit, span: tuple[int, int]) -> bool:
    if (bounds := _bounds(way, span)) is None:
        return way.value is None
    return bounds[0] <= span[1] and bounds[1] >= span[0]


def _gaps(flow: Flow, ask: Ask, span: tuple[int, int]) -> Iterator[Problem]:
    covered = sorted(bounds for way in ask.exits if (bounds := _bounds(way, span)))
    expected = span[0]
    for low, high in covered:
        if low > expected:
            break
        expected = max(expected, high + 1)
    if expected <= span[1]:
        yield Problem(flow.file, ask.line, f"dead end: the answer {expected} of `{ask.name}` leads nowhere")


def _exit_problems(flow: Flow, exits: tuple[Exit, ...], names: set[str]) -> Iterator[Problem]:
    """Exits that hide one another."""
    seen: set[str] = set()
    closed = False
    for way in exits:
        if closed:
            yield Problem(flow.file, way.line, "never taken: it stands after `else`")
        closed = closed or way.other
        if way.value is not None and way.value in seen:
            yield Problem(flow.file, way.line, f"the exit `{way.value}` stands twice")
        seen |= {way.value} if way.value is not None else set()
        for end in (way.low, way.high):
            if isinstance(end, str) and end not in names:
                yield Problem(
                    flow.file, way.line, f"`{end}` is neither an answer of this flow nor something known"
                )
    huge = (-(10**9), 10**9)
    ranges = sorted((bounds, way.line) for way in exits if not way.other and (bounds := _bounds(way, huge)))
    for ((_, high), _), ((low, _), line) in pairwise(ranges):
        if low <= high:
            yield Problem(flow.file, line, f"overlaps another exit: {low} would lead two ways")


def _look_problems(flow: Flow, step: Pass, names: set[str]) -> Iterator[Problem]:
    if step.look not in names:
        yield Problem(
            flow.file, step.line, f"`look: {step.look}` is neither an answer of this flow nor something known"
        )
    if not _has_else(step.exits):
        yield Problem(
            flow.file, step.line, f"dead end: `{step.name}` wants an `else:` exit, for what is not known"
        )
    yield from _exit_problems(flow, step.exits, names)


def _act_problems(flow: Flow, act: Act, names: set[str]) -> Iterator[Problem]:
    if act.verb == "record" and act.what not in KINDS:
        yield Problem(
            flow.file, act.line, f"unknown kind of report `{act.what}`; there are: {', '.join(KINDS)}"
        )
    if act.verb == "set" and act.what not in SETTABLE:
        yield Problem(
            flow.file, act.line, f"`set: {act.what}` cannot be set; there are: {', '.join(SETTABLE)}"
        )
    if act.verb in ("tell", *HANDLED) and act.what not in names:
        known = "somebody known" if act.verb == "tell" else "a list"
        yield Problem(
            flow.file, act.line, f"`{act.verb}: {act.what}` is neither an answer of this flow nor {known}"
        )
    for _, fact in act.extra:
        if fact not in names:
            yield Problem(
                flow.file, act.line, f"`with: {fact}` is neither an answer of this flow nor something known"
            )


def _between_flows(release: Release) -> Iterator[Problem]:
    """What only shows side by side: one keyword for two flows, a place in the menu taken twice, calls in a circle."""
    owners: dict[str, str] = {}
    places: dict[tuple[int, str], str] = {}
    calls = {
        name: {s.flow for s in flow.steps.values() if isinstance(s, Call) and ":" not in s.name}
        for name, flow in release.flows.items()
    }
    for flow in release.flows.values():
        for keyword in flow.sms:
            owner = owners.setdefault(keyword.name, flow.name)
            if owner != flow.name:
                yield Problem(
                    flow.file, keyword.line, f"the keyword `{keyword.name}` already starts the flow `{owner}`"
                )
        taken = {places.setdefault((flow.menu, role), flow.name) for role in flow.roles or ROLES if flow.menu}
        for other in sorted(taken - {flow.name}):
            yield Problem(flow.file, 1, f"`menu: {flow.menu}` is already the place of `{other}`", "warning")
        if flow.name in _closure(calls[flow.name], calls):
            yield Problem(
                flow.file, 1, f"`{flow.name}` calls itself, through {', '.join(sorted(calls[flow.name]))}"
            )
