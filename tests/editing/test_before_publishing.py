"""What an editor is shown before she publishes: what changes, how conversations go, what it costs."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.config import Settings
from bot.files import conversations
from bot.flow.release import Release, Source
from bot.people import Contact
from bot.services.editing import steps
from bot.services.editing.costs import Audience, costs
from bot.services.editing.differences import between
from bot.services.editing.edits import Asked, add_step
from bot.services.editing.merge import merge
from bot.services.editing.rehearsal import rehearse
from bot.services.editing.words import Saying, say
from bot.text.catalog import parse

ROOT = Path(__file__).parent.parent.parent
STOCK = "flows/stock.yaml"


def said(source: Source, key: str, **texts: str) -> Source:
    return replace(source, words=say(source.words, Saying(key, texts)))


def with_flow(source: Source, text: str, file: str = STOCK) -> Source:
    return replace(source, flows={**source.flows, file: text})


async def test_conversations_that_go_otherwise_are_shown_line_by_line(
    settings: Settings, release: Release, shipped: Source
) -> None:
    written = conversations(ROOT)
    assert "stock.fr" in written
    after = Release(said(shipped, "stock.thanks", fr="Bien noté : {report}."))
    courses = await rehearse(settings, {"stock.fr": written["stock.fr"]}, release, after)
    changed = [course for course in courses if course.changed]
    assert 0 < len(changed) < len(courses)
    assert not any(course.broken for course in courses)
    marked = [line for course in changed for line in course.lines() if line[0] != " "]
    assert any(sign == "+" and "Bien noté : SRO" in line for sign, line in marked)
    assert any(sign == "-" and "Stock enregistré : SRO" in line for sign, line in marked)


async def test_a_conversation_that_keeps_nothing_any_more_is_broken(
    settings: Settings, release: Release, shipped: Source
) -> None:
    text = steps.change(shipped.flows[STOCK], "boxes", {"record": None})
    courses = await rehearse(
        settings, {"s": conversations(ROOT)["stock.fr"]}, release, Release(with_flow(shipped, text))
    )
    assert "kept no more: stock" in {course.broken for course in courses}


@pytest.mark.parametrize("kind", ["number", "yesno", "text", "date", "choice", "several", "phone"])
async def test_a_question_more_leaves_every_conversation_held(
    settings: Settings, release: Release, shipped: Source, kind: str
) -> None:
    """What the guide for administrators has a newcomer do: she must be able to publish it."""
    texts = {"fr": "Combien de visites ?"}
    after = add_step(shipped, "stock", Asked(kind, "visits", "receipt", texts=texts))
    for option in ("none", "option_1", "option_2"):
        after = said(after, f"stock.visits.{option}", fr=option)
    written = {
        name: text
        for name, text in conversations(ROOT).items()
        if name.startswith(("stock", "resume", "sms"))
    }
    courses = await rehearse(settings, written, release, Release(after))
    assert [course for course in courses if course.broken] == []
    answered = [line for course in courses if course.changed for line in course.after if "> " in line]
    assert answered


async def test_a_conversation_that_stops_says_why(
    settings: Settings, release: Release, shipped: Source
) -> None:
    after = Release(shipped)
    after.machines.clear()
    courses = await rehearse(settings, {"s": conversations(ROOT)["stock.fr"]}, release, after)
    assert any(course.broken.startswith("KeyError") for course in courses)


def test_differences_are_told_by_step_and_by_key(shipped: Source) -> None:
    text = steps.rename(shipped.flows[STOCK], "sure", "certain")
    after = said(with_flow(shipped, text), "stock.thanks", bm="I ni ce. {report}")
    found = between(shipped, after)
    (flow,), (word,) = found.flows, found.words
    assert (flow.file, flow.added, flow.gone) == (STOCK, ("certain",), ("sure",))
    assert flow.changed == ("rise", "excess")
    assert "-    else: sure" in flow.lines
    assert (word.language, word.key, word.after) == ("bm", "stock.thanks", "I ni ce. {report}")
    assert found
    assert not between(shipped, shipped)


def test_a_new_flow_and_a_new_language_are_differences(shipped: Source) -> None:
    after = Source(
        {**shipped.flows, "flows/a.yaml": "flow: a\nstart: b\nb: end\n"}, {**shipped.words, "en": EN}
    )
    found = between(shipped, after)
    assert found.flows[0].added == ("flow", "start", "b")
    assert found.words[0].language == "en"


EN = 'msgid ""\nmsgstr ""\n\nmsgctxt "common.yes"\nmsgid "Oui"\nmsgstr "Yes"\n'


def test_changes_of_different_things_go_together(shipped: Source) -> None:
    ours = said(shipped, "stock.thanks", fr="Noté : {report}.")
    theirs = with_flow(said(shipped, "stock.changed", fr="Corrigé."), shipped.flows[STOCK] + "\n# fin\n")
    merged = merge(shipped, ours, theirs)
    french = parse("fr", merged.source.words["fr"]).messages
    assert merged.both == ()
    assert (french["stock.thanks"].text, french["stock.changed"].text) == ("Noté : {report}.", "Corrigé.")
    assert merged.source.flows[STOCK].endswith("# fin\n")
    assert merge(shipped, shipped, theirs).source == theirs
    assert merge(shipped, ours, shipped).source == ours


def test_the_same_thing_changed_twice_stays_ours_and_is_told(shipped: Source) -> None:
    ours = with_flow(said(shipped, "stock.thanks", fr="Noté : {report}."), shipped.flows[STOCK] + "# nous\n")
    theirs = with_flow(said(shipped, "stock.thanks", fr="Merci. {report}"), shipped.flows[STOCK] + "# eux\n")
    merged = merge(shipped, ours, theirs)
    assert "fr: stock.thanks" in merged.both
    assert STOCK in merged.both
    assert merged.source.flows[STOCK].endswith("# nous\n")


def test_what_one_took_away_is_gone_and_what_one_added_is_there(shipped: Source) -> None:
    flows = {name: text for name, text in shipped.flows.items() if name != STOCK}
    merged = merge(shipped, replace(shipped, flows=flows), said(shipped, "new.text", fr="Nouveau"))
    assert STOCK not in merged.source.flows
    both_changed = merge(
        shipped, said(shipped, "own.text", fr="À nous"), said(shipped, "new.text", fr="À eux")
    )
    french = parse("fr", both_changed.source.words["fr"]).messages
    assert {"own.text", "new.text"} <= french.keys()


@pytest.mark.parametrize(("role", "people"), [("asc", 3), ("dtc", 0)])
def test_cost_is_segments_times_people_times_price(
    release: Release, shipped: Source, role: str, people: int
) -> None:
    contacts = [
        Contact(f"+2237000000{n}", "A", role, "T", "fr", path="T", active=n != 3)  # type: ignore[arg-type]
        for n in range(4)
    ]
    before = costs(release, Audience.of(contacts), 12.0)["stock"]
    assert before.people == people
    assert before.price == before.segments["fr"] * people * 12.0
    longer = Release(said(shipped, "stock.thanks", fr="Merci. " * 20 + "{report}"))
    after = costs(longer, Audience.of(contacts), 12.0)["stock"]
    assert after.segments["fr"] == before.segments["fr"] + 1


def test_a_sentence_without_words_costs_nothing(shipped: Source) -> None:
    text = steps.add(shipped.flows[STOCK], "sorry", {})
    assert costs(Release(with_flow(shipped, text)), Audience({}), 12.0)["stock"].price == 0
