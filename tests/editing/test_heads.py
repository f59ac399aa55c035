"""The head of a flow, and what its steps do besides asking, changed by forms as a programme officer fills them in."""

import pytest

from bot.flow.definition import Keyword
from bot.flow.release import Release, Source
from bot.house import House
from bot.services.editing.answers import exits
from bot.services.editing.edits import Asked, Rewritten, add_step, rewrite
from bot.services.editing.heads import Head, with_head
from bot.services.editing.impossible import Impossible
from bot.services.editing.steps import settings
from bot.services.editing.words_of_step import OF_KIND, read, words_of, written
from tests.editing.editor import Editor

CHECKIN = "flows/checkin.yaml"


def head_of(release: Release, flow: str) -> Head:
    own = release.flows[flow]
    return Head(own.start, str(own.menu or ""), sorted(own.roles), own.sms)


def test_a_head_that_is_not_changed_stays_to_the_letter(shipped: Source, release: Release) -> None:
    for flow in release.flows:
        assert with_head(shipped, flow, head_of(release, flow), head_of(release, flow)) == shipped


def test_place_roles_start_and_words_are_written_where_they_belong(shipped: Source, release: Release) -> None:
    words = (Keyword("present", "keep", 0, {"status": "present"}), Keyword("sick", "seen", 0))
    changed = with_head(
        shipped, "checkin", head_of(release, "checkin"), Head("status", "", ("asc", "dtc"), words)
    )
    head = changed.flows[CHECKIN].partition("\ntoday:")[0].splitlines()[2:]
    assert "\n".join(head) == (
        "flow: checkin\nroles: [asc, dtc]\nstart: status\nsms:\n"
        "  present: {answers: {status: present}, then: keep}\n  sick: {then: seen}"
    )
    back = with_head(
        changed, "checkin", Head("status", "", ("asc", "dtc"), words), head_of(release, "checkin")
    )
    assert back == shipped


@pytest.mark.parametrize(
    ("head", "key"),
    [(Head("held", "deux"), "bad_menu"), (Head("held", keywords=(Keyword("Été", "held", 0),)), "bad_name")],
)
def test_a_head_that_cannot_be_is_refused(shipped: Source, head: Head, key: str) -> None:
    with pytest.raises(Impossible) as refused:
        with_head(shipped, "stock", Head("held"), head)
    assert refused.value.key == key


def test_every_word_of_every_shipped_step_is_a_field_that_gives_it_back(
    shipped: Source, release: Release
) -> None:
    for flow in release.flows.values():
        text = shipped.flows[flow.file]
        for step in (name for name in flow.steps if ":" not in name):
            given = settings(text, step)
            kind = next((word for word in ("ask", "look", "each", "call") if word in given), "act")
            fields = list(words_of(release, flow, kind, given)) if given else []
            back = {word.name: read(word.name, word.value) for word in fields if word.value}
            there = {name: given[name] for name in given if name in OF_KIND[kind]}
            assert {name: written(value) for name, value in back.items()} == {
                name: written(value) for name, value in there.items()
            }
            form = {word.name: read(word.name, word.value) for word in fields}
            assert rewrite(shipped, flow.name, step, Rewritten(form)) == shipped


@pytest.mark.parametrize("kind", ["act", "look", "each", "call"])
def test_a_step_without_a_screen_is_put_into_the_way(shipped: Source, kind: str) -> None:
    changed = add_step(shipped, "alert", Asked(kind, "between", "cases"))
    given = settings(changed.flows["flows/alert.yaml"], "between")
    assert given["do"] == "keep" if kind == "each" else exits(given) == {"else": "keep"}
    assert exits(settings(changed.flows["flows/alert.yaml"], "cases")) == {"else": "between"}
    assert changed.words == shipped.words
    Release(changed)


async def test_an_officer_fills_in_the_forms(editor: Editor, house: House) -> None:
    page = await editor.reads("/flows/checkin")
    assert 'name="keyword.present.to"' in page.text
    page = await editor.sends(
        "/flows/checkin/head",
        **{"menu": "4", "start": "today", "role": "asc", "text.fr.checkin.menu": "Ma présence"},
        **{"keyword.present.to": "today_by_sms", "keyword.present.answers": "status: present"},
        **{"keyword.new": "here", "keyword.new.to": "status", "text.fr.keyword.new": "ICI"},
    )
    assert (page.at, "Ma présence" in page.text) == ("/admin/flows/checkin", True)
    text = (await house.editing.open()).draft.source.flows[CHECKIN]
    assert "menu: 4\n" in text
    assert (
        "sms:\n  present: {answers: {status: present}, then: today_by_sms}\n  here: {then: status}\n" in text
    )
    await editor.sends("/flows/checkin/steps/keep", **{"word.record": "checkin", "word.with": "pay_month"})
    given = settings((await house.editing.open()).draft.source.flows[CHECKIN], "keep")
    assert given == {"record": "checkin", "once": "day", "with": ["pay_month"], "then": "thanks"}
    await editor.sends("/flows/checkin/steps/keep", **{"word.with": "", "word.once": ""})
    given = settings((await house.editing.open()).draft.source.flows[CHECKIN], "keep")
    assert given == {"record": "checkin", "then": "thanks"}
    assert (await editor.sends("/flows/checkin/head", start="nowhere")).status == 400
