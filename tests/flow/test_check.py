"""Each way a flow can be broken is named, with its file and its line."""

import pytest

from bot.flow.check import missing_flows
from bot.flow.release import Release, Source
from tests.flow.visit import FLOW, FRENCH, po, problems


def test_a_sound_flow_has_no_problem() -> None:
    assert problems(FLOW) == []


BROKEN = [
    # what is changed, into what, the line, and what is said
    ("unknown target", "    no: thanks", "    no: thank", 8, "`thank` is no step of this flow"),
    ("unknown start", "start: ask", "start: aks", 2, "`start: aks` is no step"),
    ("no start", "start: ask\n", "", 1, "`start:` is missing"),
    ("no name", "flow: visit\n", "", 1, "`flow:` is missing"),
    ("bad name", "flow: visit", "flow: Visit!", 1, "is no name"),
    ("reserved name", "thanks: end", "next: end", 16, "is no name"),
    ("a missing answer", "    no: thanks\n", "", 3, "the answer `no` of `ask` leads nowhere"),
    (
        "a foreign answer",
        "    no: thanks",
        "    no: thanks\n    maybe: thanks",
        9,
        "`maybe` is no answer of `ask`",
    ),
    ("an exit twice", "    0: thanks", "    0: thanks\n    00, 0: thanks", 15, "stands twice"),
    (
        "a gap",
        "    0: thanks\n    else: thanks",
        "    0..3: thanks\n    5..20: thanks",
        9,
        "the answer 4 of `many`",
    ),
    ("no else", "    0: thanks\n    else: thanks", "    1..20: thanks", 9, "the answer 0 of `many`"),
    ("overlap", "    0: thanks", "    0..5: thanks\n    5..9: thanks", 15, "overlaps another exit: 5"),
    ("empty range", "    0: thanks", "    5..2: thanks", 14, "the range 5..2 is empty"),
    ("outside", "    0: thanks", "    30..40: thanks", 14, "outside `between: 0..20`"),
    ("no number", "    0: thanks", "    few: thanks", 14, "outside `between: 0..20`"),
    ("unknown bound", "    0: thanks", "    0..usual: thanks", 14, "`usual` is neither an answer"),
    ("after else", "    0: thanks\n    else: thanks", "    else: thanks\n    0: thanks", 15, "never taken"),
    ("unreachable", "thanks: end", "thanks: end\nlost: end", 17, "`lost` is never reached"),
    (
        "no way out",
        "    no: thanks",
        "    no: ask2\nask2:\n  ask: yesno\n  then: ask2",
        9,
        "from `ask2` no call can ever end",
    ),
    ("unknown question", "ask: number", "ask: numbre", 10, "unknown question `numbre`"),
    ("unknown word", "between: 0..20", "between: 0..20\n  betwen: 1", 12, "unknown word `betwen`"),
    ("missing setting", "  between: 0..20\n", "", 9, "`between:` is missing"),
    ("bad setting", "between: 0..20", "between: 20..0", 9, "is empty: the lower end comes first"),
    ("unreadable setting", "between: 0..20", "between: some", 9, "`between` wants two whole numbers"),
    ("no then", "  then:\n    0: thanks\n    else: thanks\n", "", 9, "`many` leads nowhere"),
    ("odd then", "    0: thanks", "    0: [thanks]", 14, "the exit `0` leads to one step"),
    (
        "list then",
        "  then:\n    0: thanks\n    else: thanks",
        "  then: [thanks]",
        13,
        "`then` takes a step, or exits",
    ),
    ("no step", "thanks: end", "thanks: fin", 16, "neither `end` nor a step"),
    ("does nothing", "thanks: end", "thanks:\n  then: done", 16, "does nothing"),
    ("two things", "ask: number", "ask: number\n  look: role", 9, "has both `ask` and `look`"),
    ("unknown kind", "record: checkin", "record: visits", 12, "unknown kind of report `visits`"),
    ("once alone", "record: checkin", "once: day", 12, "`once` goes with `record`"),
    ("once what", "record: checkin", "record: checkin\n  once: week", 13, "`once` takes only `day`"),
    (
        "unknown fact",
        "record: checkin",
        "record: checkin\n  with: [weather]",
        12,
        "`with: weather` is neither",
    ),
    ("with what", "record: checkin", "record: checkin\n  with: weather", 13, "takes a list of names"),
    ("unknown setting to set", "record: checkin", "set: name", 12, "`set: name` cannot be set"),
    ("unknown person", "record: checkin", "tell: boss", 12, "`tell: boss` is neither"),
    (
        "unknown alert",
        "record: checkin",
        "resolve: it",
        12,
        "`resolve: it` is neither an answer of this flow nor a list",
    ),
    ("wrong right", "among: [yes, no]", "among: [yes, no]\n  right: maybe", 3, "`right: maybe` is not one"),
    ("unknown list", "among: [yes, no]", "among: villages", 3, "`among: villages` is no list"),
    ("an option twice", "among: [yes, no]", "among: [yes, yes]", 3, "names an option twice"),
    (
        "unknown look",
        "thanks: end",
        "thanks:\n  look: moon\n  then: {1: done, else: done}",
        16,
        "`look: moon`",
    ),
    (
        "look without else",
        "thanks: end",
        "thanks:\n  look: role\n  then: {asc: done}",
        16,
        "wants an `else:` exit",
    ),
    ("unknown role", "start: ask", "start: ask\nroles: [nurse]", 1, "unknown role `nurse`"),
    ("odd roles", "start: ask", "start: ask\nroles: asc", 3, "`roles` takes a list"),
    ("odd menu", "start: ask", "start: ask\nmenu: first", 3, "`menu` takes a whole number"),
    ("next outside", "    no: thanks", "    no: next", 8, "`next` means a loop's next item"),
    (
        "loop over nothing",
        "thanks: end",
        "thanks:\n  each: villages\n  do: item\n  then: done\nitem:\n  ask: yesno\n  then: next",
        16,
        "`each: villages` is no list",
    ),
    (
        "loop without body",
        "thanks: end",
        "thanks:\n  each: products\n  do: one\n  then: done",
        16,
        "`do: one` is no step",
    ),
    (
        "loop with exits",
        "thanks: end",
        "thanks:\n  each: products\n  do: many\n  then: {1: done, else: done}",
        16,
        "one step when every item is done",
    ),
    (
        "unknown call",
        "thanks: end",
        "thanks:\n  call: dance\n  then: done",
        16,
        "`call: dance`: no such flow",
    ),
    (
        "call with exits",
        "thanks: end",
        "thanks:\n  call: visit\n  then: {1: done, else: done}",
        16,
        "comes back to one step",
    ),
    ("calls itself", "thanks: end", "thanks:\n  call: visit\n  then: done", 1, "`visit` calls itself"),
    (
        "circle",
        "thanks: end",
        "thanks:\n  look: role\n  then: {asc: done, else: thanks}",
        16,
        "leads back to itself",
    ),
    (
        "keyword to nowhere",
        "start: ask",
        "start: ask\nsms:\n  present: {answers: {ask: yes}, then: gone}",
        4,
        "the keyword `present`",
    ),
    (
        "twice",
        "thanks: end",
        "thanks: end\nthanks: end",
        17,
        "`thanks` stands twice; the first is on line 16",
    ),
    ("no key", "thanks: end", "thanks: end\n? [a]\n: end", 17, "a name is missing"),
    ("no text", "start: ask", "start:", 2, "`start` takes one word"),
    ("not YAML", "start: ask", "start: [ask", 3, "not readable as YAML"),
    ("control characters", "start: ask", "start: a\x07sk", 1, "not readable as YAML"),
    ("no mapping", FLOW, "- flow", 1, "a flow file starts with"),
    ("anchors", "start: ask", "start: &a ask", 2, "anchors and aliases"),
    ("deep", "start: ask", "start: [[[[[[[[[[ask]]]]]]]]]]", 2, "nested deeper than 8"),
    ("long", "start: ask", "start: ask\n" + "# x\n" * 20000, 1, "longer than 64 KiB"),
    ("no length", "ask: number\n  between: 0..20", "ask: text\n  length: long", 9, "`length` wants"),
    ("no days", "ask: number\n  between: 0..20", "ask: date\n  days: soon", 9, "`days` wants"),
    (
        "no none",
        "ask: number\n  between: 0..20",
        "ask: several\n  among: [a, b]\n  none: c",
        9,
        "is not one of the options",
    ),
    (
        "too many",
        "ask: number\n  between: 0..20",
        "ask: several\n  among: [a, b, c, d, e, f, g, h, i, j]\n  none: a",
        9,
        "at most 9",
    ),
    ("any answer", "ask: number\n  between: 0..20", "ask: phone", 9, "wants an `else:` exit"),
]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_a_broken_flow_is_named_by_line(old: str, new: str, line: int, said: str) -> None:
    assert old in FLOW
    flow = FLOW.replace(old, new, 1)
    if said == "wants an `else:` exit" and "phone" in new:
        flow = flow.replace("    else: thanks\n", "")
    found = [problem for problem in problems(flow) if said in problem.message]
    assert [(problem.file, problem.line, problem.level) for problem in found] == [
        ("flows/visit.yaml", line, "error")
    ]


def test_exits_that_cover_all_numbers_need_no_else() -> None:
    assert (
        problems(FLOW.replace("    0: thanks\n    else: thanks", "    0..9: thanks\n    10..20: thanks"))
        == []
    )


def test_a_secret_has_two_verdicts() -> None:
    flow = FLOW.replace("  ask: number\n  between: 0..20", "  ask: pin").replace(
        "    0: thanks", "    right: thanks"
    )
    assert problems(flow) == []
    missing = flow.replace("    else: thanks\n", "")
    assert "the answer `wrong` of `many` leads nowhere" in problems(missing)[0].message


def test_a_loop_inside_a_loop_is_refused() -> None:
    flow = FLOW.replace("thanks: end", "thanks:\n  each: products\n  do: inner\n  then: done\n") + (
        "inner:\n  each: languages\n  do: many2\n  then: next\nmany2:\n  ask: yesno\n  then: next\n"
    )
    assert "flows/visit.yaml:21: `inner` is a loop inside a loop: only one at a time" in map(
        str, problems(flow)
    )


def test_ways_that_fan_out_beyond_reason_are_refused() -> None:
    chain = "".join(
        f"l{n}:\n  look: f{n}\n  then: {{1: l{n + 1}, 2: l{n + 1}, 3: l{n + 1}, else: l{n + 1}}}\n"
        for n in range(5)
    )
    flow = FLOW.replace("    0: thanks", "    0: l0") + chain + "l5: end\n"
    assert any("more than 200 ways lead on from `many`" in problem.message for problem in problems(flow))


KEYWORD = "start: ask\nsms:\n  present: {{answers: {{{name}: {value}}}, then: thanks}}"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ask", "perhaps", "`ask: perhaps` is no answer of this flow; there are: yes, no"),
        ("aks", "yes", "`aks: yes` is no answer of this flow"),
    ],
)
def test_a_keyword_answers_what_is_asked(name: str, value: str, said: str) -> None:
    flow = FLOW.replace("start: ask", KEYWORD.format(name=name, value=value))
    found = [problem for problem in problems(flow) if problem.message == said]
    assert [(problem.file, problem.line) for problem in found] == [("flows/visit.yaml", 4)]


def test_a_keyword_may_answer_a_number_or_an_option() -> None:
    for name, value in (("ask", "yes"), ("many", "7")):
        flow = FLOW.replace("start: ask", KEYWORD.format(name=name, value=value))
        assert all("no answer" not in problem.message for problem in problems(flow))


def test_a_switch_is_yes_or_no() -> None:
    flow = FLOW.replace("ask: number\n", "ask: number\n  keep: nope\n")
    assert "flows/visit.yaml:11: `keep` takes yes or no" in map(str, problems(flow))


def test_flows_that_the_program_begins_must_be_there(release: Release) -> None:
    assert missing_flows(release) == []
    small = Release(Source({"flows/visit.yaml": FLOW}, {"fr": po(FRENCH)}))
    assert [problem.file for problem in missing_flows(small)] == [
        f"flows/{name}.yaml" for name in ("menu", "resume", "stock", "doubt", "alert")
    ]
