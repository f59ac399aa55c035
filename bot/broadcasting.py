"""What the commands about broadcasts do once their options are read."""

import sys
from collections.abc import Iterator, Mapping, Sequence

from bot.app import open_house
from bot.config import Settings
from bot.services import exports
from bot.services.audience import Audience
from bot.services.plans import Plan, Share, State
from bot.store.sessions import now_ms

MOST_NAMED = 20
"""People left out that are named; the others are counted."""


async def broadcast(
    settings: Settings,
    now: int | None,
    whom: Audience,
    texts: Mapping[str, str],
    choices: Mapping[str, Sequence[str]],
    *,
    urgent: bool,
    send: bool,
    by: str,
) -> tuple[Plan, str]:
    """The plan, and the id it was sent under; empty when it is only planned. Raises AudienceError."""
    clock = (lambda: now) if now is not None else now_ms
    async with open_house(settings, clock=clock) as house:
        plan = await house.broadcasts.plan(whom, texts, choices, urgent=urgent)
        return plan, await house.broadcasts.send(plan, by) if send else ""


async def export_broadcasts(settings: Settings, form: str) -> None:
    async with open_house(settings) as house:
        await exports.write(house.broadcasts.states(), State, form, sys.stdout)


def told(plan: Plan, settings: Settings) -> Iterator[str]:
    """A plan as an operator reads it."""
    yield f"to: {plan.broadcast.audience}"
    yield _share(Share(plan.count, plan.segments, plan.cost))
    for language, share in plan.by_language.items():
        said = "" if language in plan.broadcast.texts else " (said in French)"
        yield f"  {language}: {_share(share)}{said}"
    yield from (f"  {unit or 'no unit'}: {_share(share)}" for unit, share in plan.by_unit.items())
    yield from _budget(plan, settings.sms.budget)
    yield f"left out: {len(plan.excluded)}"
    yield from (f"  {one.msisdn} {one.name}: {one.why}" for one in plan.excluded[:MOST_NAMED])
    if len(plan.excluded) > MOST_NAMED:
        yield f"  and {len(plan.excluded) - MOST_NAMED} more"
    for language, text in sorted(plan.sample.items()):
        shows = ", whose phone shows ɛ ɔ ɲ ŋ" if language.endswith("+") else ""
        yield f"to a reader of {language.removesuffix('+')}{shows}:"
        yield from (f"  {line}" for line in text.split("\n"))


def _budget(plan: Plan, budget: float) -> Iterator[str]:
    if not budget:
        yield f"budget: none; {plan.spent:,.0f} FCFA spent this month"
        return
    after = plan.spent + plan.cost
    over = ": MORE THAN THERE IS; what is over waits" if after > budget and not plan.broadcast.urgent else ""
    yield f"budget: {plan.spent:,.0f} of {budget:,.0f} FCFA spent this month, {after:,.0f} with this{over}"


def _share(share: Share) -> str:
    return f"{share.count} messages, {share.segments} segments, {share.cost:,.0f} FCFA"
