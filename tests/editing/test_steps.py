"""Flow files changed as an editor changes them: what was not touched stays to the letter."""

import pytest

from bot.flow.questions import load
from bot.flow.reading import parse
from bot.flow.release import Source
from bot.services.editing import answers, steps
from bot.services.editing.blocks import cut
from bot.services.editing.impossible import Impossible

VISIT = """\
# Une visite.
flow: visit
start: seen
sms:
  vu: {answers: {seen: yes}, then: keep}

# Vu ou non ?
seen:
  ask: yesno  # court
  then:
    yes: place
    no: thanks

place:
  ask: choice
  among: [home, school, other]
  then: keep

keep:
  record: checkin
  then: thanks

thanks: end
"""


def test_every_shipped_flow_is_joined_again_as_it_was(shipped: Source) -> None:
    for text in shipped.flows.values():
        assert str(cut(text)) == text


def reads(text: str) -> None:
    parse("visit.yaml", text, load())


def test_a_step_is_added_after_another() -> None:
    changed = steps.add(
        VISIT, "count", {"ask": "number", "between": "0..9", "then": {"0": "thanks", "else": "keep"}}, "place"
    )
    assert changed == VISIT.replace(
        "\nkeep:\n",
        "\ncount:\n  ask: number\n  between: 0..9\n  then:\n    0: thanks\n    else: keep\n\nkeep:\n",
    )
    reads(changed)


def test_a_step_without_a_place_stands_before_the_last_screens() -> None:
    changed = steps.add(VISIT, "why", {"ask": "text", "length": "2..60", "then": "thanks"})
    assert changed.endswith(
        "  then: thanks\n\nwhy:\n  ask: text\n  length: 2..60\n  then: thanks\n\nthanks: end\n"
    )


def test_a_last_screen_is_added_at_the_end() -> None:
    assert steps.add(VISIT, "sorry", {}) == VISIT.replace("thanks: end\n", "thanks: end\nsorry: end\n")


@pytest.mark.parametrize(
    ("name", "key"), [("Déjà", "bad_name"), ("next", "bad_name"), ("keep", "name_taken")]
)
def test_a_name_that_cannot_be_is_refused(name: str, key: str) -> None:
    with pytest.raises(Impossible) as refused:
        steps.add(VISIT, name, {})
    assert refused.value.key == key


def test_moving_keeps_the_comment_with_its_step() -> None:
    changed = steps.move(VISIT, "seen", 1)
    assert steps.names(changed) == ["place", "seen", "keep", "thanks"]
    assert "# Vu ou non ?\nseen:\n  ask: yesno  # court\n" in changed
    assert steps.move(changed, "seen", -5) == VISIT


def test_renaming_follows_every_way_and_keeps_the_name_in_the_reports() -> None:
    changed = steps.rename(VISIT, "place", "where")
    assert "    yes: where\n" in changed
    assert "where:\n  ask: choice\n  among: [home, school, other]\n  as: place\n  then: keep\n" in changed
    changed = steps.rename(changed, "keep", "noted")
    assert "then: noted}" in changed
    assert steps.names(changed) == ["seen", "where", "noted", "thanks"]
    reads(changed)


def test_the_first_step_renamed_is_still_the_first() -> None:
    assert "start: met\n" in steps.rename(VISIT, "seen", "met")


def test_a_step_still_led_to_wants_another_in_its_place() -> None:
    with pytest.raises(Impossible) as refused:
        steps.delete(VISIT, "place")
    assert (refused.value.key, refused.value.values["by"]) == ("still_led_to", "seen")
    changed = steps.delete(VISIT, "place", "keep")
    assert "    yes: keep\n" in changed
    assert "place" not in changed


def test_a_step_nobody_comes_to_goes_without_a_word() -> None:
    assert steps.delete(steps.add(VISIT, "sorry", {}), "sorry") == VISIT


def test_another_kind_of_question_loses_the_settings_of_the_first() -> None:
    changed = steps.ask(VISIT, "place", "number", {"between": "1..3"})
    assert "place:\n  ask: number\n  between: 1..3\n  then: keep\n" in changed
    assert "among" not in changed
    assert steps.ask(changed, "place", "number", {"between": "1..4"}) == changed.replace("1..3", "1..4")


def test_a_last_screen_made_a_question_leads_somewhere() -> None:
    changed = steps.ask(VISIT, "thanks", "yesno", {})
    assert changed.endswith("thanks:\n  ask: yesno\n  then: done\n")


def test_one_answer_leads_elsewhere() -> None:
    changed = answers.lead(VISIT, "place", "school", "thanks")
    assert "  then:\n    school: thanks\n    else: keep\n" in changed
    assert answers.lead(changed, "place", "school", "") == VISIT


def test_exits_written_together_are_told_apart() -> None:
    together = answers.lead(VISIT, "seen", "yes", "keep").replace(
        "    yes: keep\n    no: thanks\n", "    yes, no: keep\n"
    )
    changed = answers.lead(together, "seen", "no", "thanks")
    assert answers.exits(steps.settings(changed, "seen")) == {"no": "thanks", "yes": "keep"}


def test_options_come_go_and_change_places() -> None:
    changed = answers.add_option(VISIT, "place", "field", "thanks")
    assert "among: [home, school, other, field]\n  then:\n    field: thanks\n    else: keep\n" in changed
    changed = answers.move_option(changed, "place", "field", -3)
    assert "among: [field, home, school, other]" in changed
    assert answers.delete_option(changed, "place", "field") == VISIT


def test_what_cannot_be_done_to_options_is_refused() -> None:
    for attempt, key in (
        (lambda: answers.add_option(VISIT, "place", "home"), "name_taken"),
        (lambda: answers.add_option(VISIT, "place", "À la maison"), "bad_name"),
        (lambda: answers.delete_option(VISIT, "place", "moon"), "no_option"),
        (
            lambda: answers.delete_option(answers.delete_option(VISIT, "place", "home"), "place", "other"),
            "too_few_options",
        ),
        (lambda: answers.lead(VISIT, "keep", "else", ""), "leads_nowhere"),
        (lambda: steps.change(VISIT, "moon", {"then": "keep"}), "no_step"),
        (lambda: steps.settings(VISIT, "flow"), "no_step"),
    ):
        with pytest.raises(Impossible) as refused:
            attempt()
        assert refused.value.key == key


def test_a_step_written_on_one_line_is_left_to_the_hand() -> None:
    with pytest.raises(Impossible) as refused:
        steps.change("flow: a\nstart: b\nb: {ask: yesno, then: c}\nc: end\n", "b", {"then": "done"})
    assert refused.value.key == "by_hand"
