"""All that is said, key by key: in each language, by which steps, and how far it can be trusted."""

from collections.abc import Iterator

from msgspec import Struct

from bot.flow.check_words import keys_of
from bot.flow.release import Release
from bot.flow.script import BUDGET
from bot.services.editing.cards import Said, sayings
from bot.services.editing.words import entries, key_of, reviewer_of
from bot.text.catalog import FRENCH
from bot.text.fold import to_gsm


class Line(Struct, frozen=True):
    """One key."""

    key: str
    words: tuple[Said, ...]
    septets: tuple[int, ...]
    """By language, without what placeholders stand for."""
    used: tuple[str, ...]
    """Steps that say it, `stock.thanks`; none: the program itself, or nobody."""
    reviewers: tuple[str, ...]

    def said(self, language: str) -> Said | None:
        return next((said for said in self.words if said.language == language), None)

    @property
    def state(self) -> str:
        """The worst of its languages."""
        states = {said.state for said in self.words}
        return next(state for state in ("missing", "fuzzy", "unreviewed", "good") if state in states)


def glossary(release: Release) -> Iterator[Line]:
    """Every key that has words in some language, or that a flow says, in the order of the French file."""
    used: dict[str, list[str]] = {}
    for flow in release.flows.values():
        lines = {step.line: name for name, step in flow.steps.items() if ":" not in name}
        for key, line in keys_of(release, flow).items():
            used.setdefault(key, []).append(f"{flow.name}.{lines[line]}" if line in lines else flow.name)
    reviewers = {
        (language, key_of(language, entry)): reviewer_of(entry)
        for language, po in release.source.words.items()
        for entry in entries(po)
    }
    for key in {**release.catalogs[FRENCH].messages, **used}:
        words = sayings(release, key)
        yield Line(
            key,
            words,
            tuple(BUDGET.size(to_gsm(said.text)) for said in words),
            tuple(used.get(key, ())),
            tuple(reviewers.get((said.language, key), "") for said in words),
        )
