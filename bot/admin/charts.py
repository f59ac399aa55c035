"""Charts as SVG, drawn here: bars that a browser needs no script for. Colours are classes of `see.css`."""

from collections.abc import Sequence

from markupsafe import Markup
from msgspec import Struct

WIDE, HIGH, FOOT = 560, 150, 18
"""Of the picture, and of the line of words below the bars."""
_SVG = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
_BAR = Markup(
    '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>'
)
_TEXT = Markup('<text x="{:.1f}" y="{:.1f}">{}</text>')


class Bar(Struct, frozen=True):
    """One bar; `of`: what it is measured against, drawn behind it."""

    name: str
    count: float
    of: float = 0
    tone: str = "plain"
    title: str = ""


def columns(bars: Sequence[Bar], label: str) -> Markup:
    """Bars that stand side by side, as tall as what they count."""
    most = max([1.0, *(max(bar.count, bar.of) for bar in bars)])
    step, room = WIDE / max(1, len(bars)), HIGH - FOOT
    parts = []
    for place, bar in enumerate(bars):
        left, wide = place * step + step * 0.12, step * 0.76
        for tone, count in (("behind", bar.of), (bar.tone, bar.count)):
            tall = room * count / most
            if tall:
                parts.append(_BAR.format(tone, left, room - tall, wide, tall, bar.title or bar.name))
        parts.append(_TEXT.format(place * step + step / 2, HIGH - 4, bar.name))
    return _SVG.format(WIDE, HIGH, label, Markup("").join(parts))


def share(bar: Bar) -> Markup:
    """One bar that lies, filled as far as its share reaches."""
    part = min(1.0, bar.count / bar.of) if bar.of else 0.0
    title = bar.title or bar.name
    filled = _BAR.format(bar.tone, 0, 0, WIDE * part, 14, title) if part else Markup("")
    behind = _BAR.format("behind", 0, 0, WIDE, 14, title)
    return Markup(
        '<svg class="share" viewBox="0 0 {} 14" preserveAspectRatio="none" role="img" aria-label="{}">{}{}</svg>'
    ).format(WIDE, title, behind, filled)
