"""A flow drawn by Graphviz: every step once, and an arrow for every way from one to another."""

import asyncio
import sysconfig
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct, json

from bot.flow.definition import NEXT, SKIP, Ask, Call, Each, End, Flow, Step, exits_of
from bot.flow.script import label

DOT = Path(sysconfig.get_path("scripts"), "graphviz-pure")
"""Comes with the package of that name, beside our own command."""
PATIENCE = 10
"""Seconds for a picture, which takes some milliseconds."""
ITEM = "…"
"""Stands for the answers on the way into a loop."""
_LOOKS = """\
graph [rankdir=TB nodesep=.5 ranksep=.45 bgcolor=transparent margin=0]
node [shape=box style=rounded fontname=Arial fontsize=13 height=.5 margin=".24,.06"]
edge [fontname=Arial fontsize=11.5 arrowsize=.75]
"""


class Arrow(Struct, frozen=True):
    """A way from a step to another, with the answers that take it."""

    source: str
    to: str
    label: str


class Undrawn(Exception):  # noqa: N818 - the program's fault, with what Graphviz says of it
    """No picture came back."""


def dot(flow: Flow, named: Callable[[str, str], str] = lambda _, answer: answer) -> str:
    """The flow in Graphviz's language; `named` says a step's answer in the reader's words. Colours are for classes."""
    steps = [step for step in flow.steps.values() if ":" not in step.name]
    lines = [_node(flow, step) for step in steps]
    lines += [
        f"{_quoted(arrow.source)} -> {_quoted(arrow.to)}"
        f" [class=arrow label={_quoted(_answers(arrow, named))}]"
        for arrow in arrows_of(flow)
    ]
    return "\n".join([f"digraph {_quoted(flow.name)} {{", _LOOKS, *lines, "}"])


async def svg(drawn: str) -> str:
    """The picture as it stands in a page: each step leads to its card. Raises Undrawn."""
    process = await asyncio.create_subprocess_exec(
        DOT,
        "-Tsvg",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, complaints = await asyncio.wait_for(process.communicate(drawn.encode()), PATIENCE)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise Undrawn(f"not drawn in {PATIENCE} s") from None
    if process.returncode:
        raise Undrawn(complaints.decode("utf-8", "replace"))
    picture = out.decode()
    return '<svg class="picture" role="group"' + picture[picture.index("<svg") + len("<svg") :]


def arrows_of(flow: Flow) -> Iterator[Arrow]:
    """One for each pair of steps that an exit joins; what ends a loop's item goes back to the loop."""
    loops = flow.loop_of()
    for step in (step for step in flow.steps.values() if ":" not in step.name):
        ways: dict[str, list[str]] = defaultdict(list)
        if isinstance(step, Each):
            ways[step.body].append(ITEM)
        for way in () if isinstance(step, Ask) and step.question == "flow" else exits_of(step):
            to = loops.get(step.name, "") if way.to in (NEXT, SKIP) else way.to
            if to in flow.steps:
                ways[to].append("" if way.other and len(exits_of(step)) == 1 else label(way))
        for to, labels in ways.items():
            yield Arrow(step.name, to, ", ".join(filter(None, labels)))


def _answers(arrow: Arrow, named: Callable[[str, str], str]) -> str:
    """With a space before them, which keeps them off the line."""
    return f" {', '.join(named(arrow.source, one) for one in arrow.label.split(', '))}" if arrow.label else ""


def _node(flow: Flow, step: Step) -> str:
    kind = _kind(step)
    first = " first" if step.name == flow.start else ""
    shape = "ellipse" if kind == "end" else "box"
    link = _quoted(f"/admin/flows/{flow.name}#step-{step.name}")
    return f'{_quoted(step.name)} [class="box {kind}{first}" shape={shape} href={link} target=_self]'


def _kind(step: Step) -> str:
    kinds = {Ask: "ask", Each: "each", Call: "call", End: "end"}
    return kinds.get(type(step), "pass")


def _quoted(text: str) -> str:
    return json.encode(text).decode()
