"""A flow compiled to one `transitions.Machine`, whose states are the places where a run can rest; once, at load."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct
from transitions import Event, Machine

from bot.flow.definition import Ask, Flow
from bot.flow.run import Run
from bot.flow.ways import BEGIN, Way, Weaver, sms_state

__all__ = ["BEGIN", "Compiled", "compile_flow", "sms_state"]


class Compiled(Struct, frozen=True):
    """The machine of one flow and its two triggers: an answer was given; go on from where nothing is asked."""

    flow: Flow
    machine: Any
    answer: Callable[[Run], bool]
    go: Callable[[Run], bool]


class _Step(Event):
    """The library's event without what a run never uses: its guards and callbacks take the run itself.

    The library's own `trigger` builds EventData, partials and a dozen log calls a transition, 10 µs where this is 1
    (docs/decisions/0005); which transition is taken is decided alike: the first whose conditions hold.
    """

    def __init__(self, name: str, machine: Any) -> None:
        super().__init__(name, machine)
        self._ways: dict[str, list[tuple[Any, Any, str]]] = {}

    def trigger(self, model: Any, *_args: Any, **_kwargs: Any) -> bool:
        for guards, deeds, dest in self._ways.get(model.state, ()):
            for guard in guards:
                if not guard(model):
                    break
            else:
                for deed in deeds:
                    deed(model)
                model.state = dest
                return True
        return False

    def add_transition(self, transition: Any) -> None:
        super().add_transition(transition)
        way = tuple(condition.func for condition in transition.conditions), transition.before, transition.dest
        self._ways.setdefault(transition.source, []).append(way)


class _Machine(Machine):
    event_cls = _Step


def compile_flow(flow: Flow) -> Compiled:
    """Raises FlowError where steps circle without ever asking, or fan out beyond reason."""
    weaver = Weaver(flow)
    places = weaver.places()
    machine = _Machine(
        model=None,
        states=[*places, *weaver.ends()],
        transitions=[_transition(flow, source, way) for source in places for way in weaver.ways(source)],
        initial=BEGIN,
        auto_transitions=False,
        send_event=True,
    )
    events = machine.events
    return Compiled(
        flow, machine, events["answer"].trigger if "answer" in events else _never, events["go"].trigger
    )


def _never(_: Run) -> bool:
    """A flow that asks nothing takes no answer."""
    return False


def _transition(flow: Flow, source: str, way: Way) -> dict[str, Any]:
    return {
        "trigger": "answer" if isinstance(flow.steps.get(source), Ask) else "go",
        "source": source,
        "dest": way.to,
        "conditions": list(way.guards),
        "before": list(way.deeds),
    }
