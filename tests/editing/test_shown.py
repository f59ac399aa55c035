"""A draft as an editor sees it: cards, a picture, a phone, and all words by key."""

from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace

from bot.config import Settings
from bot.flow.definition import Ask, End
from bot.flow.release import Release, Source
from bot.services.editing import steps
from bot.services.editing.cards import Card, about, answers_of, cards
from bot.services.editing.findings import compiled
from bot.services.editing.glossary import glossary
from bot.services.editing.picture import Undrawn, arrows_of, dot, svg
from bot.services.editing.preview import preview
from bot.services.editing.words import Saying, say

STOCK = "flows/stock.yaml"
HREF = "{http://www.w3.org/1999/xlink}href"


def shown(settings: Settings, source: Source, flow: str = "stock") -> dict[str, Card]:
    release, problems = compiled(source, settings)
    assert release is not None
    return {card.name: card for card in cards(release, release.flows[flow], problems)}


def changed(source: Source, edit: Callable[[str], str]) -> Source:
    return replace(source, flows={**source.flows, STOCK: edit(source.flows[STOCK])})


def test_a_question_shows_its_screens_answers_and_ways(settings: Settings, shipped: Source) -> None:
    card = shown(settings, shipped)["again"]
    assert (card.kind, card.what) == ("ask", "choice")
    assert [(way.answer, way.to, way.here) for way in card.ways] == [
        ("change", "product", True),
        ("report", "receipt", True),
    ]
    assert [name for name, _ in card.options] == ["change", "report"]
    (page,) = card.screens["bm"]
    assert page.septets == len(page.text)
    assert card.problems == ()


def test_every_step_of_every_flow_is_a_card(settings: Settings, shipped: Source, release: Release) -> None:
    for name, flow in release.flows.items():
        found = shown(settings, shipped, name)
        assert list(found) == [step for step in flow.steps if ":" not in step]
    loop = shown(settings, shipped)["boxes"]
    assert (loop.kind, loop.what, loop.acts) == ("each", "products", ("record: stock",))
    assert shown(settings, shipped)["receipt"].comment == "Rien reçu : une seule question par produit."


def test_a_flow_tells_what_it_is_about(shipped: Source) -> None:
    assert about(shipped.flows["flows/language.yaml"]) == "Changer de langue, tout de suite et pour la suite."
    assert about("flow: new\nstart: thanks\n\n# last\nthanks: end\n") == about("") == ""


def test_a_step_without_words_says_so_on_its_card(settings: Settings, shipped: Source) -> None:
    found = shown(settings, changed(shipped, lambda text: steps.add(text, "lost", {})))
    assert found["lost"].screens == {"bm": (), "fr": ()}
    assert {said.state for said in found["lost"].words} == {"missing"}
    assert any("never reached" in problem.message for problem in found["lost"].problems)


def test_words_that_are_too_long_are_a_problem_of_their_card(settings: Settings, shipped: Source) -> None:
    words = say(shipped.words, Saying("stock.thanks", {"fr": "Merci. " * 30 + "{report}"}))
    found = shown(settings, replace(shipped, words=words))
    assert any("septets" in problem.message for problem in found["thanks"].problems)
    assert {said.state for said in found["thanks"].words} == {"good", "fuzzy"}
    (page,) = found["thanks"].screens["fr"]
    assert page.septets > page.limit


async def test_the_picture_has_every_step_once_and_all_its_words(release: Release) -> None:
    for flow in release.flows.values():
        drawn = ET.fromstring(await svg(dot(flow)))
        steps = [name for name in flow.steps if ":" not in name]
        links = [link.get(HREF, "") for link in drawn.iter("{http://www.w3.org/2000/svg}a")]
        assert sorted(links) == sorted(f"/admin/flows/{flow.name}#step-{name}" for name in steps)
        said = [(text.text or "").strip() for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
        arrows = [arrow.label for arrow in arrows_of(flow) if arrow.label]
        assert sorted(said) == sorted([*steps, *arrows])


async def test_answers_are_named_in_the_picture_and_what_cannot_be_drawn_says_so(release: Release) -> None:
    assert "autre" in await svg(
        dot(release.flows["stock"], lambda _, answer: "autre" if answer == "else" else answer)
    )
    labels = answers_of(release, release.flows["stock"])
    assert labels["again", "change"] == "Corriger un produit"
    assert "Corriger un produit" in await svg(
        dot(release.flows["stock"], lambda step, answer: labels.get((step, answer), answer))
    )
    with pytest.raises(Undrawn, match="syntax error"):
        await svg("digraph {")


def test_arrows_bear_the_answers_and_end_a_loop_s_item_at_the_loop(release: Release) -> None:
    arrows = {(arrow.source, arrow.to): arrow.label for arrow in arrows_of(release.flows["stock"])}
    assert arrows["quantity", "days_out"] == "0"
    assert arrows["sure", "boxes"] == "yes"
    assert arrows["boxes", "quantity"] == "…"
    assert arrows["receipt", "boxes"] == ""


@pytest.mark.parametrize(("language", "words"), [("fr", "Avez-vous recu"), ("bm", "000 Segin")])
async def test_the_phone_plays_the_draft(
    settings: Settings, release: Release, language: str, words: str
) -> None:
    typed = [] if language == "fr" else ["2"]
    screen = await preview(settings, release, "stock", language, typed)
    assert words in screen.text
    assert (screen.septets, screen.limit, screen.ends) == (len(screen.text), 156, False)


async def test_the_phone_tells_what_would_be_kept(settings: Settings, release: Release) -> None:
    screen = await preview(settings, release, "stock", "fr", ["2", "0", "4", "3"])
    assert screen.ends
    assert screen.step == "stock.thanks"
    assert screen.kept[0].startswith("kept: stock receipt=no product=SRO quantity=0 days_out=4")


async def test_every_flow_can_be_played(settings: Settings, release: Release) -> None:
    for flow in release.flows:
        for language in ("fr", "bm"):
            assert (await preview(settings, release, flow, language, ["1", "1", "2"])).text


async def test_a_call_begins_at_any_step_of_any_flow(settings: Settings, release: Release) -> None:
    lost = set()
    for name, flow in release.flows.items():
        for step in (step for step in flow.steps if ":" not in step):
            screen = await preview(settings, release, name, "fr", [], step)
            if screen.way is None:
                lost.add(f"{name}.{step}")
            elif isinstance(flow.steps[step], Ask | End):
                assert screen.step == f"{name}.{step}"
    # A quiz of a topic is of who was trained on it, and the call's training is on malaria.
    assert lost == {f"training.{topic}" for topic in ("diarrhoea", "pneumonia", "newborn")}


async def test_what_led_to_a_step_is_told_and_she_goes_on_from_it(
    settings: Settings, release: Release
) -> None:
    screen = await preview(settings, release, "stock", "fr", [], "sure")
    assert (screen.way, screen.who) == (("2", "9999"), "plain")
    screen = await preview(settings, release, "stock", "fr", ["2"], "sure")
    assert screen.step == "stock.quantity"
    screen = await preview(settings, release, "stock", "bm", ["1", "4"], "product")
    assert (screen.step, screen.who) == ("stock.changed", "reported")
    screen = await preview(settings, release, "training", "fr", [], "newborn")
    assert (screen.way, screen.step) == (None, "training.coming")
    screen = await preview(settings, release, "stock", "fr", [], "no_such_step")
    assert (screen.way, screen.step) == (None, "stock.receipt")


def test_every_key_is_told_with_who_says_it(release: Release, shipped: Source) -> None:
    found = {line.key: line for line in glossary(release)}
    assert found["stock.thanks"].used == ("stock.thanks",)
    assert found["stock.menu"].used == ("stock",)
    assert found["common.back"].used == ()
    assert found["common.more"].state == "unreviewed"
    line = found["common.back"]
    french = line.said("fr")
    assert french is not None
    assert line.septets[[said.language for said in line.words].index("fr")] == len(french.text)
    assert line.said("xx") is None
    missing = Release(changed(shipped, lambda text: steps.add(text, "lost", {})))
    assert {line.key: line.state for line in glossary(missing)}["stock.lost"] == "missing"
