"""A conversation as the store keeps it: begun from a pin, carried on by answers, taken up again from a draft."""

from collections.abc import Callable

from msgspec import structs

from bot.flow import engine
from bot.flow.definition import DONE, FlowError, Refused
from bot.flow.release import Release
from bot.flow.run import Medium, Run
from bot.services.known import Programme
from bot.store.sessions import Draft, Kept, Pin, kept

RESUME = "resume"
Find = Callable[[int], Release]
"""A release by its number, from this process's memory."""


class Changed(Exception):  # noqa: N818 - of a draft, not of a step
    """The settings have changed since: the answers of a draft do not lead where they led."""


def begin(programme: Programme, find: Find, msisdn: str, pin: Pin, medium: Medium) -> Run:
    """The first screen of a call: the menu, or the offer to take up what was not finished."""
    release = find(pin.release)
    caller = programme.caller(msisdn, pin, release)
    run = None if pin.deep else waiting(programme, find, msisdn, pin.unfinished(), medium)
    if run is None or not engine.begun(run):
        return engine.begin(release, caller, medium)
    caller = structs.replace(caller, facts={**caller.facts, "draft": _topic(run, release, caller.language)})
    return engine.begin(release, caller, medium, RESUME)


def take_up(programme: Programme, find: Find, msisdn: str, draft: Draft, medium: Medium) -> Run:
    """The unfinished conversation where it was left, on its own release, with what was known then. Raises Changed."""
    release = find(draft.pin.release)
    caller = programme.caller(msisdn, draft.pin, release)
    try:
        run = engine.begin(release, caller, medium, draft.flow, draft.given)
    except (FlowError, KeyError, Refused) as error:
        raise Changed(str(error)) from error
    if draft.place not in ("", _place(run)):
        raise Changed(f"it led to {draft.place}, and leads to {_place(run)}")
    return run


def waiting(programme: Programme, find: Find, msisdn: str, draft: Draft | None, medium: Medium) -> Run | None:
    """The same; None when nothing waits that can be taken up."""
    try:
        return take_up(programme, find, msisdn, draft, medium) if draft else None
    except Changed:
        return None


def decided(run: Run) -> str:
    """What was chosen when offered to take up a draft: `go_on`, `restart`, or nothing yet."""
    return str(run.answers["offer"]) if run.flow == RESUME and run.state == DONE else ""


def to_keep(run: Run, pin: Pin, session: str, at: int, bearer: str) -> Kept | None:
    """What is left of a conversation that waits for an answer; None when nothing in it is worth taking up."""
    if run.flow == RESUME or not (run.by_sms or engine.begun(run) or bearer == "sms"):
        return None
    if engine.over(run) and not run.by_sms:
        return None
    own = structs.replace(pin, draft="")
    return kept(Draft(own, run.start, run.given, session, at, bearer, _place(run)))


def _place(run: Run) -> str:
    """The step, and which item of a loop it asks about."""
    return f"{run.flow}.{run.state}.{run.loop.index}" if run.loop else f"{run.flow}.{run.state}"


def _topic(run: Run, release: Release, language: str) -> str:
    """What a conversation is about: the flow called from the menu, or simply an answer."""
    flows = [frame.flow for frame in run.stack] + [run.flow]
    keys = [f"{flow}.menu" for flow in flows if release.words.get("fr", f"{flow}.menu")]
    return release.words.say(language, keys[0] if keys else "common.answer")
