"""Patience, pages, keywords, what is left of the unfinished, and that whatever is typed can be rebuilt."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flow import engine
from bot.flow.definition import FlowError
from bot.flow.effects import AskBySms, Record
from bot.flow.release import Release
from bot.flow.run import Item
from tests.flow.flows import INNER, LOOP, OUTER, PRODUCTS, loop_release
from tests.flow.small import MESSAGES, begin, caller, release, shown, typed


def test_the_third_wrong_answer_offers_an_example_and_sms() -> None:
    run = typed(begin(release(OUTER, INNER)), "1", "1", "x", "y")
    assert "Ex. 12" not in shown(run)
    run = typed(run, "z")
    assert shown(run) == "Un nombre.\nsecond\nEx. 12\n1 Encore\n2 Finir par SMS\n000 Retour 00 Menu"
    assert shown(typed(run, "1")) == "second\n000 Retour 00 Menu"
    assert engine.over(typed(run, "5")), "the right answer is taken even now"
    left = typed(run, "2")
    assert left.effects == (AskBySms(),)
    assert shown(left) == "Par SMS."
    assert typed(left, "1").by_sms


def test_by_sms_the_third_wrong_answer_shows_the_example_only() -> None:
    run = typed(begin(release(OUTER, INNER), medium=MESSAGES), "1", "1", "x", "y", "z")
    assert shown(run) == "Un nombre.\nsecond\nEx. 12"


def test_pages_are_turned_and_turned_back() -> None:
    colours = ", ".join(f"colour_number_{n}" for n in range(12))
    made = release(INNER.replace("red, green", colours).replace("  right: red\n", ""), OUTER)
    run = begin(made, flow="inner")
    pages = engine.pages(run)
    assert len(pages) > 1
    second = typed(run, "98")
    assert shown(second) == pages[1]
    assert shown(typed(second, "0")) == pages[0]
    assert shown(typed(second, "00")) == pages[0]
    last = typed(run, *["98"] * (len(pages) - 1))
    assert shown(typed(last, "98")).startswith("De 1 à 12."), "on the last page 98 is an answer like another"


def test_a_keyword_begins_with_what_it_says() -> None:
    flow = OUTER.replace(
        "start: first", "start: first\nsms:\n  present: {answers: {first: yes}, then: second}"
    )
    made = release(flow, INNER, keyword__present="PRESENT")
    run = engine.start_keyword(made, caller(), MESSAGES, "outer", "present")
    assert (run.state, run.given) == ("second", (f"{engine.STARTED}present",))
    again = engine.begin(made, caller(), MESSAGES, "outer", run.given)
    assert (again.state, again.answers) == ("second", {"first": "yes"})
    assert typed(again, "3").effects == (Record("checkin", ({"first": "yes", "second": 3},), "outer"),)


def test_what_an_unfinished_run_leaves() -> None:
    made = release(OUTER, INNER)
    assert engine.partial(begin(made)) is None, "nothing was said"
    run = typed(begin(made), "1")
    assert engine.partial(run) == Record("checkin", ({"first": "yes", "partial": "yes"},), "outer")
    assert engine.partial(typed(run, "1", "3")) is None, "all was kept"
    assert engine.partial(begin(release(INNER))) is None, "that flow keeps nothing"
    looped = typed(begin(loop_release(), caller(lists={"products": PRODUCTS})), "5")
    assert engine.partial(looped) == Record(
        "stock", ({"product": "SRO", "count": 5, "partial": "yes"},), "loop"
    )


def test_a_flow_without_questions_just_ends() -> None:
    made = release("flow: hello\nstart: bye\nbye: end\n", hello__bye="Bonjour {nobody_known}")
    run = begin(made)
    assert shown(run) == "Bonjour"
    assert made.machines["hello"].answer(run) is False


def test_calls_without_end_are_the_authors_fault() -> None:
    one = "flow: one\nstart: a\na:\n  call: two\n  then: bye\nbye: end\n"
    two = one.replace("one", "TWO").replace("two", "one").replace("TWO", "two")
    with pytest.raises(FlowError, match=r"(one|two).yaml:\d+: no exit of"):
        begin(release(one, two))


def test_an_answer_without_exit_is_the_authors_fault() -> None:
    flow = "flow: one\nstart: q\nq:\n  ask: yesno\n  then: {yes: bye}\nbye: end\n"
    with pytest.raises(FlowError, match=r"one.yaml:3: no exit of `q` takes the answer 'no'"):
        typed(begin(release(flow)), "2")


def test_a_look_that_fits_nothing_is_the_authors_fault() -> None:
    flow = "flow: one\nstart: q\nq:\n  look: role\n  then: {dtc: bye}\nbye: end\n"
    with pytest.raises(FlowError, match=r"one.yaml:2: no exit of `begin`"):
        begin(release(flow))


def test_ranges_may_name_what_is_known() -> None:
    flow = """flow: one
start: q
q:
  ask: number
  between: 0..99
  then: {..few: low, few..many: middle, else: high}
low: end
middle: end
high: end
"""
    made = release(flow)
    known = caller(few=3, many=7)
    assert [typed(begin(made, known), n).state for n in ("3", "4", "7", "8")] == [
        "low",
        "middle",
        "middle",
        "high",
    ]
    assert typed(begin(made), "50").state == "low", "what is not known bounds nothing"


def test_a_range_is_for_numbers_only() -> None:
    flow = "flow: one\nstart: q\nq:\n  look: role\n  then: {1..9: low, else: high}\nlow: end\nhigh: end\n"
    assert begin(release(flow)).state == "high"


def test_a_question_without_an_example_shows_none() -> None:
    flow = "flow: one\nstart: q\nq:\n  ask: date\n  days: 0..7\n  then: bye\nbye: end\n"
    assert shown(typed(begin(release(flow)), "x", "y", "z")) == "Date, 21/11.\nq\n1 Encore\n2 Finir par SMS"


def test_a_list_nobody_knows_is_empty() -> None:
    assert begin(release(OUTER, INNER)).items("villages") == ()


def test_zero_goes_back_from_a_secret() -> None:
    flow = "flow: one\nstart: a\na:\n  ask: yesno\n  then: q\nq:\n  ask: pin\n  then: bye\nbye: end\n"
    assert typed(begin(release(flow)), "1", "0").state == "a"


@settings(max_examples=150)
@given(
    texts=st.lists(
        st.one_of(st.sampled_from(["0", "00", "000", "98", "1", "2", "3", "12"]), st.text(max_size=8)),
        max_size=12,
    )
)
def test_whatever_is_typed_the_answers_alone_rebuild_the_run(release: Release, texts: list[str]) -> None:
    """Never raises; and what it has kept in memory is only what `given` says."""
    products = (Item("SRO", {"fr": "SRO"}, {"last": 5, "most": 240}), Item("CTE", {"fr": "CTA"}, {}))
    languages = (Item("fr", {"fr": "Français"}), Item("bm", {"fr": "Bamanankan"}))
    who = caller(lists={"products": products, "languages": languages}, checkin_today="no", training="none")
    run = begin(release, who, flow="menu")
    for text in texts:
        run = engine.step(run, text)
        again = engine.begin(release, who, run.medium, "menu", run.given)
        assert (again.flow, again.state, again.answers, again.loop) == (
            run.flow,
            run.state,
            run.answers,
            run.loop,
        )
        if not run.wrong and not run.page and not run.by_sms:
            assert engine.pages(again) == engine.pages(run)


def test_before_the_first_item_there_is_something_to_take_up_but_no_row() -> None:
    loop = LOOP.replace("start: boxes", "start: ready\nready:\n  ask: yesno\n  then: boxes")
    run = typed(begin(release(loop), caller(lists={"products": PRODUCTS})), "1")
    assert engine.begun(run)
    assert engine.partial(run) is None


def test_an_inner_flow_that_keeps_nothing_leaves_the_outer_report() -> None:
    run = typed(begin(release(OUTER, INNER)), "1")
    assert run.flow == "inner"
    assert engine.partial(run) == Record("checkin", ({"first": "yes", "partial": "yes"},), "outer")
