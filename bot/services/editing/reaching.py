"""What to answer to come to a step of a flow: found by trying each question's own sample answers. Pure."""

from collections import deque
from collections.abc import Iterator
from typing import Final

from bot.flow import engine
from bot.flow.definition import Ask, Call, Each, End, Flow, Pass, exits_of
from bot.flow.run import Run

MOST: Final = 2000
"""Places that are looked at; the longest of our flows has some hundred."""


def way_to(run: Run, goals: frozenset[str]) -> tuple[str, ...] | None:
    """The fewest answers from here to one of these steps of the flow begun; None where no sample leads there."""
    flow = run.start
    looked_at = _looked_at(run.release.flows[flow])
    waiting: deque[tuple[Run, tuple[str, ...]]] = deque([(run, ())])
    seen = {_place(run, looked_at)}
    while waiting and len(seen) < MOST:
        here, typed = waiting.popleft()
        rests = ((here.flow, here.state), *((frame.flow, frame.state) for frame in here.stack))
        if any(place == flow and state in goals for place, state in rests):
            return typed
        for text in _answers(here):
            there = engine.step(here, text)
            place = _place(there, looked_at)
            if not there.wrong and place not in seen:
                seen.add(place)
                waiting.append((there, (*typed, text)))
    return None


def screens_of(flow: Flow, step: str) -> frozenset[str]:
    """The step, if it shows a screen or calls a flow that does; else the steps that do and come next."""
    found: set[str] = set()
    waiting, seen = [step], {step}
    while waiting:
        name = waiting.pop()
        if isinstance(flow.steps.get(name), Ask | Call | End):
            found.add(name)
            continue
        onward = {*_onward(flow, name)} - seen
        seen |= onward
        waiting += onward
    return frozenset(found)


def _onward(flow: Flow, name: str) -> Iterator[str]:
    step = flow.steps.get(name)
    if isinstance(step, Each):
        yield step.body
    elif isinstance(step, Pass):
        yield from (way.to for way in exits_of(step) if way.to in flow.steps)


def _answers(run: Run) -> Iterator[str]:
    place = engine.place_of(run)
    if place is not None:
        yield from place.question.samples(run, place.ask.exits)


def _looked_at(flow: Flow) -> tuple[str, ...]:
    """What decides the way besides the answer just given."""
    return tuple(sorted({step.look for step in flow.steps.values() if isinstance(step, Pass) and step.look}))


def _place(run: Run, looked_at: tuple[str, ...]) -> tuple[object, ...]:
    """Where she is, as far as it decides where she can come to: of a loop, its first item or another."""
    turn = min(run.loop.index, 1) if run.loop else -1
    return (run.flow, run.state, turn, *(run.get(name) for name in looked_at))
