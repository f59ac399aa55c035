"""`OUI` to an invitation: the SMS asked whether she will come, so her answer needs no keyword."""

from collections.abc import Mapping

from bot.flow import engine
from bot.flow.release import Release
from bot.flow.run import Caller, Medium, Run

TRAINING = "training"


def answered(
    release: Release, caller: Caller, medium: Medium, known: Mapping[str, str], text: str
) -> Run | None:
    """The conversation about her next session after this answer; None when it answers nothing, or she has answered."""
    session = caller.facts["training"]
    open_to = TRAINING in release.flows and release.flows[TRAINING].open_to(caller.role)
    if session == "none" or f"{TRAINING}:{session}" in known or not open_to:
        return None
    after = engine.step(engine.begin(release, caller, medium, TRAINING), text)
    return None if after.wrong else after
