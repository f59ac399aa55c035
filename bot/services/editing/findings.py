"""What a draft would do once published: what is wrong with it, what changes, how people hear it, what it costs."""

import asyncio
from collections.abc import Iterator, Mapping

from msgspec import Struct

from bot.config import Settings
from bot.flow.check import lint, missing_flows
from bot.flow.definition import FlowError, Problem
from bot.flow.release import Release, Source
from bot.services.editing.costs import Audience, Cost, costs
from bot.services.editing.differences import Differences, between
from bot.services.editing.rehearsal import Course, rehearse


class Findings(Struct, frozen=True):
    """All that an editor should have read before she publishes."""

    problems: tuple[Problem, ...]
    differences: Differences
    courses: tuple[Course, ...] = ()
    unreviewed: tuple[tuple[str, str], ...] = ()
    """Language and key of new words that no native speaker has read."""
    costs: tuple[tuple[Cost | None, Cost], ...] = ()
    """Flows that cost another sum than before, as they did and as they would."""

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.level == "error")

    @property
    def broken(self) -> tuple[Course, ...]:
        return tuple(course for course in self.courses if course.broken)

    @property
    def ready(self) -> bool:
        """Whether it may be published."""
        return bool(self.differences) and not self.errors and not self.broken


async def findings(
    settings: Settings, conversations: Mapping[str, str], now: Release, draft: Source, audience: Audience
) -> Findings:
    """Looks a draft over, against the release there is."""
    differences = await asyncio.to_thread(between, now.source, draft)
    made, problems = await asyncio.to_thread(compiled, draft, settings)
    if made is None:
        return Findings(problems, differences)
    courses = await rehearse(settings, conversations, now, made) if differences else []
    price = settings.sms.cost_per_segment
    return Findings(
        problems,
        differences,
        tuple(courses),
        tuple(_unreviewed(made, differences)),
        await asyncio.to_thread(_costs, now, made, audience, price),
    )


def compiled(source: Source, settings: Settings) -> tuple[Release | None, tuple[Problem, ...]]:
    """The source ready to run, if it can be, and every problem it has."""
    try:
        made = Release(source)
    except FlowError as error:
        return None, tuple(sorted(error.problems))
    return made, tuple(sorted({*lint(made, settings.products), *missing_flows(made)}))


def _unreviewed(made: Release, differences: Differences) -> Iterator[tuple[str, str]]:
    for change in differences.words:
        message = made.words.get(change.language, change.key)
        if message is not None and message.text and not message.reviewed:
            yield change.language, change.key


def _costs(
    now: Release, made: Release, audience: Audience, price: float
) -> tuple[tuple[Cost | None, Cost], ...]:
    before, after = costs(now, audience, price), costs(made, audience, price)
    pairs = ((before.get(name), cost) for name, cost in after.items())
    return tuple(
        (was, cost)
        for was, cost in pairs
        if was is None or (was.price, was.segments) != (cost.price, cost.segments)
    )
