"""A flow drawn: its steps in rows from the first one down, and an arrow for every way from one to another."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from html import escape

from msgspec import Struct

from bot.flow.definition import NEXT, SKIP, Ask, Call, Each, End, Flow, Step, exits_of
from bot.flow.script import label

WIDE, HIGH = 132, 40
ACROSS, DOWN = 36, 62
MARGIN = 30
LONGEST = 17
"""Letters of a name that a box has room for."""


class Box(Struct, frozen=True):
    """Where a step is drawn: the middle of its upper edge."""

    name: str
    kind: str
    x: float
    y: float


class Arrow(Struct, frozen=True):
    """A way from a step to another, with the answers that take it."""

    source: str
    to: str
    label: str


def svg(flow: Flow, title: str) -> str:
    """The picture; its colours are classes of the console's style sheet."""
    arrows = list(arrows_of(flow))
    boxes = laid_out(flow, arrows)
    width = max(box.x for box in boxes.values()) + WIDE / 2 + MARGIN * 3
    height = max(box.y for box in boxes.values()) + HIGH + MARGIN
    return "".join(
        (
            (
                '<svg xmlns="http://www.w3.org/2000/svg" class="picture" role="group"'
                f' viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}">'
                f"<title>{escape(title)}</title>"
            ),
            (
                '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8"'
                ' orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" class="tip"/></marker></defs>'
            ),
            *(_line(boxes, arrows, number) for number in range(len(arrows))),
            *(_box(flow, box) for box in boxes.values()),
            "</svg>",
        )
    )


def arrows_of(flow: Flow) -> Iterator[Arrow]:
    """One for each pair of steps that an exit joins; what ends a loop's item goes back to the loop."""
    loops = flow.loop_of()
    for step in (step for step in flow.steps.values() if ":" not in step.name):
        ways: dict[str, list[str]] = defaultdict(list)
        if isinstance(step, Each):
            ways[step.body].append("…")
        for way in () if isinstance(step, Ask) and step.question == "flow" else exits_of(step):
            to = loops.get(step.name, "") if way.to in (NEXT, SKIP) else way.to
            if to in flow.steps:
                ways[to].append("" if way.other and len(exits_of(step)) == 1 else label(way))
        for to, labels in ways.items():
            yield Arrow(step.name, to, ", ".join(filter(None, labels)))


def laid_out(flow: Flow, arrows: list[Arrow]) -> dict[str, Box]:
    """Each step as far down as the longest way to it is long; in a row, near those that lead to it."""
    rows: dict[int, list[str]] = defaultdict(list)
    for name, depth in _depths(flow, arrows).items():
        rows[depth].append(name)
    widest = max(map(len, rows.values()))
    boxes: dict[str, Box] = {}
    for depth, names in sorted(rows.items()):
        names.sort(key=lambda name: _pull(name, arrows, boxes))
        start = MARGIN + (widest - len(names)) * (WIDE + ACROSS) / 2 + WIDE / 2
        for place, name in enumerate(names):
            x, y = start + place * (WIDE + ACROSS), MARGIN + depth * (HIGH + DOWN)
            boxes[name] = Box(name, _kind(flow.steps[name]), x, y)
    return boxes


def _depths(flow: Flow, arrows: list[Arrow]) -> dict[str, int]:
    """Rows: every way on leads down, but for those that lead back to where one has been."""
    onward: dict[str, list[str]] = defaultdict(list)
    for arrow in arrows:
        onward[arrow.source].append(arrow.to)
    order: list[str] = []
    back: set[tuple[str, str]] = set()
    for root in (flow.start, *(keyword.to for keyword in flow.sms)):
        if root not in order:
            _walk(root, onward, order, back)
    depths = dict.fromkeys(reversed(order), 0)
    for name in depths:
        for to in onward[name]:
            if (name, to) not in back:
                depths[to] = max(depths[to], depths[name] + 1)
    lost = max(depths.values()) + 1
    return depths | {name: lost for name in flow.steps if name not in depths and ":" not in name}


def _walk(root: str, onward: Mapping[str, list[str]], order: list[str], back: set[tuple[str, str]]) -> None:
    """All steps that one comes to, those one comes to last first; and the ways back."""
    way = {root: iter(onward.get(root, ()))}
    while way:
        name = next(reversed(way))
        to = next(way[name], None)
        if to is None:
            order.append(name)
            del way[name]
        elif to in way:
            back.add((name, to))
        elif to not in order:
            way[to] = iter(onward.get(to, ()))


def _pull(name: str, arrows: list[Arrow], boxes: Mapping[str, Box]) -> float:
    above = [boxes[arrow.source].x for arrow in arrows if arrow.to == name and arrow.source in boxes]
    return sum(above) / len(above) if above else 0.0


def _kind(step: Step) -> str:
    kinds = {Ask: "ask", Each: "each", Call: "call", End: "end"}
    return kinds.get(type(step), "pass")


def _line(boxes: Mapping[str, Box], arrows: list[Arrow], number: int) -> str:
    arrow = arrows[number]
    one, other = boxes[arrow.source], boxes[arrow.to]
    if other.y > one.y:
        path, x, y = _downward(one, other, _place(boxes, arrows, arrow))
    else:
        path, x, y = _aside(boxes, one, other, 16 + number % 4 * 9)
        y += number % 2 * 18
    words = f'<text x="{x:g}" y="{y:g}" class="way">{escape(arrow.label)}</text>' if arrow.label else ""
    return f'<path d="{path}" class="arrow" marker-end="url(#tip)"/>{words}'


def _place(boxes: Mapping[str, Box], arrows: list[Arrow], arrow: Arrow) -> float:
    """How far from the middle of its box an arrow begins, so that those of one step do not cover one another."""
    below = [
        other.to
        for other in arrows
        if other.source == arrow.source and boxes[other.to].y > boxes[arrow.source].y
    ]
    near = HIGH + DOWN + 1
    below.sort(key=lambda to: (boxes[to].y - boxes[arrow.source].y < near, boxes[to].x))
    room = (WIDE - 24) / max(len(below), 1)
    return room * (below.index(arrow.to) - (len(below) - 1) / 2)


def _downward(one: Box, other: Box, aside: float) -> tuple[str, float, float]:
    """To the next row as it comes; further down to the left of what stands between."""
    x, top, end = one.x + aside, one.y + HIGH, other.y - 2
    if end - top > DOWN + 1:
        left = min(one.x, other.x) - WIDE / 2 - 14
        to = other.x - WIDE / 4
        path = (
            f"M{x:g} {top:g}C{x:g} {top + 34:g} {left:g} {top + 10:g} {left:g} {top + 52:g}"
            f"L{left:g} {end - 52:g}C{left:g} {end - 12:g} {to:g} {end - 40:g} {to:g} {end:g}"
        )
    else:
        bend = (end - top) / 2
        path = f"M{x:g} {top:g}C{x:g} {top + bend:g} {other.x:g} {end - bend:g} {other.x:g} {end:g}"
    return path, x + 4, top + 14


def _aside(boxes: Mapping[str, Box], one: Box, other: Box, out: float) -> tuple[str, float, float]:
    """Back up: around the right side of all that stands between."""
    x, y = one.x + WIDE / 2, one.y + HIGH / 2
    to_x, to_y = other.x + WIDE / 2 + 2, other.y + HIGH / 2
    between = [box.x for box in boxes.values() if other.y <= box.y <= one.y]
    far = max(between) + WIDE / 2 + out
    path = f"M{x:g} {y:g}C{far:g} {y:g} {far:g} {y:g} {far:g} {(y + to_y) / 2:g}S{far:g} {to_y:g} {to_x:g} {to_y:g}"
    return path, x + 4, y - 5


def _box(flow: Flow, box: Box) -> str:
    name = box.name if len(box.name) <= LONGEST else f"{box.name[: LONGEST - 1]}…"
    left, first = box.x - WIDE / 2, " first" if box.name == flow.start else ""
    round_ = HIGH / 2 if box.kind == "end" else 6
    return (
        f'<a href="#step-{escape(box.name)}"><rect x="{left:g}" y="{box.y:g}" width="{WIDE}" height="{HIGH}"'
        f' rx="{round_:g}" class="box {box.kind}{first}"/>'
        f'<text x="{box.x:g}" y="{box.y + HIGH / 2 + 5:g}" class="name">{escape(name)}</text></a>'
    )
