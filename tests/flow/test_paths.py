"""Every path of every flow, in every language, with the longest values: no screen over budget, none outside GSM-7."""

from collections.abc import Iterator
from itertools import product

import pytest
from msgspec import structs

from bot.config import Settings
from bot.flow import engine
from bot.flow.definition import ROLES
from bot.flow.facts import FACTS
from bot.flow.release import Release
from bot.flow.run import Caller, Item, Medium, Run
from bot.people import LEADERS
from bot.services import at_hand
from bot.services.at_hand import AtHand, Held, Missing
from bot.services.known import USSD_UCS2
from bot.text.gsm import is_gsm, septets, ucs2_units
from bot.text.screens import Budget

WRONG = "?"
KEYS = ("0", "00", "000", "98")
TOGGLES = {
    "checkin_today": ("yes", "no"),
    "stock_today": ("yes", "no"),
    "training": ("none", str(FACTS["training"])),
    "registered": ("yes", "no"),
    "consent": ("yes", "no"),
    "admission": ("refused", "waiting"),
}
"""What is known that flows look at; both ways are walked."""


IMPOSSIBLE = {("stock", "days_out"): {"sure"}}
"""Ways that are there and never taken: a stock of zero is not too much."""


class Walk:
    """Goes every way from where it begins, once through each place as it is shown."""

    def __init__(self, medium: Medium) -> None:
        self.medium = medium
        self.screens: set[tuple[str, ...]] = set()
        self.ends: set[tuple[str, ...]] = set()
        self.moves: set[tuple[str, str, str]] = set()
        self._seen: set[object] = set()

    def from_(self, run: Run) -> None:
        todo = [run]
        while todo:
            run = todo.pop()
            pages = engine.pages(run)
            mark = (
                run.flow,
                run.state,
                run.language,
                pages,
                min(run.wrong, engine.PATIENCE),
                run.page,
                self._way(run),
            )
            if mark in self._seen:
                continue
            self._seen.add(mark)
            (self.ends if engine.over(run) else self.screens).add(pages)
            todo += list(self._onward(run))

    @staticmethod
    def _way(run: Run) -> object:
        """What else decides where she goes on: what was answered here, and whether this is the last item."""
        here = {name: value for name, value in run.answers.items() if not isinstance(value, int)}
        return (tuple(sorted(here.items())), run.loop.more if run.loop else None, bool(run.stack), run.score)

    def _onward(self, run: Run) -> Iterator[Run]:
        place = engine.place_of(run)
        if place is None:
            return
        for text in (*place.question.samples(run, place.ask.exits), WRONG, *KEYS):
            after = engine.step(run, text)
            if after.given[: len(run.given)] == run.given and len(after.given) == len(run.given) + 1:
                self.moves.add(
                    (run.flow, run.state, after.state if after.flow == run.flow else f"{after.flow}!")
                )
            yield after


def callers(settings: Settings, language: str, release: Release) -> Iterator[Caller]:
    """One of each role, with all that could be known of her at its longest, in every combination flows look at."""
    held = tuple(
        Item(code, own.names, {"last": 5, "most": 240, "unit_name": own.unit.get(language, own.unit["fr"])})
        for code, own in settings.products.items()
    )
    doubt = {
        "why": "code",
        "heard": "W" * 24,
        "amount": 9999,
        "last": 9999,
        "most": 9999,
        "unit_name": "plaquette de 10",
    }
    candidates = {"candidates": (*held[:4], Item("none", {"fr": "Aucun"}))}
    doubts = tuple(
        structs.replace(held[0], facts={**doubt, "why": why}, lists=candidates)
        for why in ("code", "number", "codes", "high")
    )
    languages = (Item("fr", {"fr": "Français"}), Item("bm", {"fr": "Bamanankan"}))
    for role, *values in product(ROLES, *TOGGLES.values()):
        facts = {**FACTS, **dict(zip(TOGGLES, values, strict=True))}
        for box, hand in product((held[-3:], ()), HANDS if role in LEADERS else HANDS[:1]):
            lists = {
                "products": box,
                "languages": languages,
                "doubts": doubts,
                **at_hand.lists(hand, release, language),
            }
            yield Caller("+22376123456", role, language, facts, lists)
        yield Caller("+22376123456", role, language, {**facts, "supervised": "no"}, lists)


WHO = {
    "name": str(FACTS["name"]),
    "unit": str(FACTS["unit"]),
    "msisdn": "+22376123456",
    "number": "999999",
}
OF: dict[str, dict[str, str]] = {
    "stockout": {"product": "WWWWWW"},
    "epidemic": {"what": "@alert.event.tetanus", "cases": " (99)"},
    "declined": {"training": str(FACTS["training"])},
}
HELD = [Held(999_999, kind, "acknowledged", {**WHO, **values}) for kind, values in OF.items()]
AWAY = Missing("+22376123456", str(FACTS["name"]), "30/11")
NEWCOMER = Held(999_999, "newcomer", "open", WHO)
HANDS = (
    AtHand(),
    AtHand(tuple(HELD[:1]), (AWAY,), (NEWCOMER,), 1, 1, 0),
    AtHand(tuple(HELD), (AWAY,) * 9, (NEWCOMER,) * 3, 999, 9999, 9999),
)
"""What a leader may have at hand: nothing, one of each, several."""


MEDIA = {
    "160": Medium(Budget()),
    "140": Medium(Budget(limit=136)),
    "182": Medium(Budget(limit=178)),
    "letters": Medium(Budget(), Budget(limit=USSD_UCS2 - 4, ucs2=True)),
    "sms": Medium(Budget(limit=459), paged=False),
}


@pytest.fixture(scope="module")
def walks(release: Release, settings: Settings) -> dict[tuple[str, str], Walk]:
    found = {}
    for (name, medium), language in product(MEDIA.items(), release.words.languages):
        walk = Walk(medium)
        for who in callers(settings, language, release):
            for flow in release.flows:
                if release.flows[flow].open_to(who.role):
                    walk.from_(engine.begin(release, who, medium, flow))
        for who in callers(settings, language, release):
            for own in release.flows.values():
                for keyword in own.sms:
                    walk.from_(engine.start_keyword(release, who, medium, own.name, keyword.name))
        found[name, language] = walk
    return found


@pytest.mark.timeout(300)
@pytest.mark.parametrize("language", ["fr", "bm"])
@pytest.mark.parametrize("medium", ["160", "140", "182"])
def test_no_screen_is_over_budget_or_outside_gsm(
    walks: dict[tuple[str, str], Walk], medium: str, language: str
) -> None:
    walk = walks[medium, language]
    for pages in walk.screens | walk.ends:
        for page in pages:
            assert is_gsm(page), page
            assert septets(page) <= walk.medium.budget.limit, page
    assert all(len(pages) == 1 for pages in walk.ends), "a last screen cannot be turned"


@pytest.mark.parametrize("language", ["fr", "bm"])
def test_letters_fit_where_they_are_shown(walks: dict[tuple[str, str], Walk], language: str) -> None:
    walk = walks["letters", language]
    for page in (page for pages in walk.screens | walk.ends for page in pages):
        fits = septets(page) <= 156 if is_gsm(page) else ucs2_units(page) <= USSD_UCS2 - 4
        assert fits, page


@pytest.mark.parametrize("language", ["fr", "bm"])
def test_no_sms_is_longer_than_three_segments(walks: dict[tuple[str, str], Walk], language: str) -> None:
    for pages in walks["sms", language].screens | walks["sms", language].ends:
        assert len(pages) == 1, pages
        assert is_gsm(pages[0])


@pytest.mark.parametrize("language", ["fr", "bm"])
def test_every_question_and_every_end_was_reached(
    walks: dict[tuple[str, str], Walk], release: Release, language: str
) -> None:
    """The walk proves nothing of what it never came to."""
    walk = walks["160", language]
    moved = {(flow, source) for flow, source, _ in walk.moves}
    assert set(release.places) - moved == {("resume", "offer")} - moved
    for flow, source in release.places:
        machine = release.machines[flow].machine
        dests = {way.dest for way in machine.events["answer"].transitions[source]}
        reached = {dest for name, at, dest in walk.moves if (name, at) == (flow, source)}
        steps = release.flows[flow].steps
        resting = {
            dest for dest in dests if dest in steps and ":" not in dest and (flow, dest) in release.places
        }
        assert resting - reached == IMPOSSIBLE.get((flow, source), set()), (flow, source)


def test_the_walk_would_notice(release: Release, settings: Settings) -> None:
    """A screen that is too long is seen: the same walk on a budget too small for a last screen."""
    walk = Walk(Medium(Budget(limit=60)))
    who = next(iter(callers(settings, "fr", release)))
    walk.from_(engine.begin(release, structs.replace(who, role="asc"), walk.medium, "help"))
    assert any(len(pages) > 1 for pages in walk.ends)
