"""Flows read one by one → flows that fit together: every name that leads somewhere must lead to something."""

from collections.abc import Iterator, Mapping
from itertools import chain

from msgspec import structs

from bot.flow.definition import (
    DONE,
    NEXT,
    RESERVED,
    SKIP,
    Ask,
    Call,
    Each,
    Exit,
    Flow,
    FlowError,
    Problem,
    Step,
    exits_of,
)


def link(flows: Mapping[str, Flow]) -> dict[str, Flow]:
    """The flows with their menus filled in. Raises FlowError with every name that leads nowhere."""
    listed = sorted(flow.name for flow in flows.values() if flow.menu)
    linked = {name: _with_menu(flow, listed) for name, flow in flows.items()}
    problems = list(chain.from_iterable(_problems(flow, linked) for flow in linked.values()))
    if problems:
        raise FlowError(sorted(problems))
    return linked


def _with_menu(flow: Flow, listed: list[str]) -> Flow:
    """`ask: flow` gets an exit and a call for each flow of the menu, and comes back to itself."""
    steps: dict[str, Step] = {}
    for step in flow.steps.values():
        if isinstance(step, Ask) and step.question == "flow":
            calls = {name: f"{step.name}:{name}" for name in listed if name != flow.name}
            exits = tuple(Exit(call, step.line, value=name) for name, call in calls.items())
            steps[step.name] = structs.replace(step, exits=exits)
            for name, call in calls.items():
                steps[call] = Call(call, step.line, name, (Exit(step.name, step.line, other=True),))
        else:
            steps[step.name] = step
    return structs.replace(flow, steps=steps)


def _problems(flow: Flow, flows: Mapping[str, Flow]) -> Iterator[Problem]:
    loops = flow.loop_of()
    if flow.start not in flow.steps:
        yield Problem(flow.file, flow.line, f"`start: {flow.start}` is no step of this flow")
    for step in flow.steps.values():
        for way in exits_of(step):
            yield from _exit_problems(flow, way, in_loop=step.name in loops)
        if isinstance(step, Each):
            yield from _each_problems(flow, step, in_loop=step.name in loops)
        if isinstance(step, Call):
            yield from _call_problems(flow, step, flows)
    for keyword in flow.sms:
        if keyword.to not in flow.steps:
            yield Problem(
                flow.file, keyword.line, f"the keyword `{keyword.name}` leads to `{keyword.to}`: no such step"
            )


def _exit_problems(flow: Flow, way: Exit, *, in_loop: bool) -> Iterator[Problem]:
    if way.to in (NEXT, SKIP):
        if not in_loop:
            yield Problem(
                flow.file, way.line, f"`{way.to}` means a loop's next item, and no `each` leads here"
            )
    elif way.to != DONE and way.to not in flow.steps:
        near = ", ".join(sorted({*flow.steps, *RESERVED}))
        yield Problem(flow.file, way.line, f"`{way.to}` is no step of this flow; there are: {near}")


def _each_problems(flow: Flow, each: Each, *, in_loop: bool) -> Iterator[Problem]:
    if in_loop:
        yield Problem(flow.file, each.line, f"`{each.name}` is a loop inside a loop: only one at a time")
    if each.body not in flow.steps:
        yield Problem(flow.file, each.line, f"`do: {each.body}` is no step of this flow")
    if len(each.exits) > 1 or any(not way.other for way in each.exits):
        yield Problem(
            flow.file, each.line, f"`{each.name}` leads on to one step when every item is done: `then: step`"
        )


def _call_problems(flow: Flow, call: Call, flows: Mapping[str, Flow]) -> Iterator[Problem]:
    if call.flow not in flows:
        yield Problem(
            flow.file, call.line, f"`call: {call.flow}`: no such flow; there are: {', '.join(sorted(flows))}"
        )
    if len(call.exits) > 1 or any(not way.other for way in call.exits):
        yield Problem(flow.file, call.line, f"`{call.name}` comes back to one step: `then: step`")
