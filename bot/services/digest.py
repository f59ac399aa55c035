"""Several alerts for one leader, in one segment: who, where and what as far as there is room, the gravest first.

With room for all, each has its line, and its place; else those of the gravest kind are named and the rest counted; and
where even these are too many, as when a district is out of a product, each kind says how many there are and in how many
places.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from bot import rules
from bot.flow.release import Release
from bot.services.sending import SEGMENT, say
from bot.store.outbox import Body
from bot.text.fold import to_gsm
from bot.text.gsm import septets

TOLD = ".told"
LATER = 9
"""The gravity of what no rule of ours raised."""


class Digest:
    """One SMS about these alerts, in one language."""

    def __init__(self, alerts: Sequence[Body], language: str, release: Release, service_code: str) -> None:
        self._alerts = sorted(alerts, key=_gravity)
        self._language = language
        self._release = release
        self._service_code = service_code

    def text(self) -> str:
        """The form that says most and fits, spelled in the GSM alphabet."""
        text = ""
        for text in map(to_gsm, self._forms()):
            if septets(text) <= SEGMENT:
                break
        return text

    def _forms(self) -> Iterator[str]:
        lines = [self._line(alert) for alert in self._alerts]
        placed = [
            self._words("alert.digest_place", line=line, unit=alert.values.get("unit", ""))
            for line, alert in zip(lines, self._alerts, strict=True)
        ]
        how = self._words("alert.digest_how")
        yield from (
            self._form([*placed, how]),
            self._form(placed),
            self._form([*lines, how]),
            self._form(lines),
        )
        gravest = [_gravity(alert) for alert in self._alerts].count(_gravity(self._alerts[0]))
        for shown in range(len(lines) - 1, gravest - 1, -1):
            yield self._form([*lines[:shown], self._more(len(lines) - shown)])
        groups = self._groups()
        for shown in range(len(groups), -1, -1):
            left = sum(count for _, count in groups[shown:])
            yield self._form([line for line, _ in groups[:shown]] + ([self._more(left)] if left else []))

    def _groups(self) -> list[tuple[str, int]]:
        """What is alike, told as one, the gravest and then the most first; a single alert is its own line."""
        alike: dict[str, list[Body]] = defaultdict(list)
        for alert in self._alerts:
            alike[self._many([alert])].append(alert)
        kinds = sorted(alike.values(), key=lambda kind: (_gravity(kind[0]), -len(kind)))
        return [(self._many(kind) if len(kind) > 1 else self._line(kind[0]), len(kind)) for kind in kinds]

    def _many(self, kind: Sequence[Body]) -> str:
        places = len({alert.values.get("unit", "") for alert in kind})
        return self._said(kind[0], ".many", count=str(len(kind)), places=str(places))

    def _line(self, alert: Body) -> str:
        return self._said(alert, ".line")

    def _said(self, alert: Body, which: str, **more: str) -> str:
        """Its own words, or else what is told when it comes alone."""
        key = alert.key.removesuffix(TOLD) + which
        there = self._release.words.get("fr", key) is not None
        return say(self._release, self._language, key if there else alert.key, {**alert.values, **more})

    def _more(self, count: int) -> str:
        return self._words("alert.digest_more", more=str(count), service_code=self._service_code)

    def _form(self, lines: Sequence[str]) -> str:
        return self._words("alert.digest", count=str(len(self._alerts)), lines="\n".join(lines))

    def _words(self, key: str, **values: str) -> str:
        return self._release.words.say(self._language, key, values)


def _gravity(alert: Body) -> int:
    rule = rules.load().get(alert.key.removesuffix(TOLD).removeprefix("alert."))
    return int(rule.GRAVITY) if rule else LATER
