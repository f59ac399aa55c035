"""Each way words can be wrong is named, with file and line; and what only shows when flows stand side by side."""

import pytest
from msgspec import structs

from bot.flow.check import check
from bot.flow.check_words import longest
from bot.flow.definition import FlowError, Problem
from bot.flow.release import Release, Source
from tests.flow.visit import FLOW, FRENCH, bambara, po, problems

WORDS = [
    (
        "missing",
        {"visit.thanks": ""},
        "",
        "flows/visit.yaml:16: `visit.thanks` has no words in locales/fr.po",
    ),
    (
        "unknown placeholder",
        {"visit.thanks": "Merci {nobody}"},
        "",
        "locales/fr.po:13: `visit.thanks` names {nobody}, which `visit` does not know",
    ),
    (
        "a placeholder of the program's that it does not fill",
        {"sms.too_big": "Trop : {raw} {nobody}"},
        "",
        "locales/fr.po:25: `sms.too_big` names {nobody}, which the program does not give it",
    ),
    (
        "a placeholder where the program fills none",
        {"sms.empty": "Rien {raw}"},
        "",
        "locales/fr.po:25: `sms.empty` names {raw}, which the program does not give it",
    ),
    (
        "a placeholder of an alert's that its rule does not fill",
        {"alert.stockout.line": "{name} {why}"},
        "",
        "locales/fr.po:25: `alert.stockout.line` names {why}, which the program does not give it",
    ),
    ("broken placeholder", {"visit.thanks": "Merci {0.x}"}, "", "locales/fr.po:13: "),
    (
        "too long",
        {"visit.thanks": "Merci " * 30},
        "",
        "locales/fr.po:13: `visit.thanks` takes 180 septets at its longest, and a screen 156",
    ),
    ("unsaid", {"visit.gone": "Perdu"}, "", "locales/fr.po:25: warning: `visit.gone` is said by no flow"),
    (
        "two meanings",
        {"keyword.stop": "STOP", "keyword.help": "aide, stop"},
        "",
        "locales/fr.po:28: `stop` of `keyword.help` is already keyword.stop",
    ),
    (
        "a product's code",
        {"keyword.stop": "sro"},
        "",
        "locales/fr.po:25: `sro` of `keyword.stop` is already the product SRO",
    ),
    (
        "no Bambara",
        {},
        bambara({"visit.ask": "I y'a ye wa?"}),
        "flows/visit.yaml:16: warning: `visit.thanks` has no words in locales/bm.po: it is said in French",
    ),
    (
        "fuzzy",
        {},
        bambara({"visit.thanks": "I ni ce."}, "#, fuzzy\n"),
        "locales/bm.po:3: warning: `visit.thanks` is fuzzy: it is said in French",
    ),
    (
        "stale",
        {"visit.thanks": "Grand merci."},
        bambara({"visit.thanks": "I ni ce."}),
        "locales/bm.po:2: warning: `visit.thanks` was translated from another French text",
    ),
    (
        "letters no phone shows",
        {"visit.thanks": "شكرا"},
        "",
        "locales/fr.po:13: `visit.thanks` holds letters that a phone can only show as ?",
    ),
    (
        "a number",
        {"keyword.stop": "12"},
        "",
        "locales/fr.po:25: `12` is an answer, and cannot be `keyword.stop`",
    ),
    ("not PO", {}, 'msgid "x\n', "locales/bm.po:1: "),
]


@pytest.mark.parametrize(("words", "bm", "said"), [row[1:] for row in WORDS], ids=[row[0] for row in WORDS])
def test_broken_words_are_named_by_line(words: dict[str, str], bm: str, said: str) -> None:
    assert any(str(problem).startswith(said) for problem in problems(FLOW, {**FRENCH, **words}, bm)), (
        problems(FLOW, {**FRENCH, **words}, bm)
    )


def test_without_french_nothing_can_be_said() -> None:
    assert check(Source({"flows/visit.yaml": FLOW}, {})) == [
        Problem("locales/fr.po", 1, "the French words are missing: every flow is written in them")
    ]


def test_flows_that_clash_are_named() -> None:
    keyword = "start: ask\nmenu: 1\nsms:\n  present: {answers: {ask: yes}, then: thanks}"
    flow = FLOW.replace("start: ask", keyword)
    other = flow.replace("flow: visit", "flow: other")
    words = FRENCH | {key.replace("visit", "other"): text for key, text in FRENCH.items()}
    words |= {"keyword.present": "PRESENT", "visit.menu": "Visite", "other.menu": "Autre"}
    said = [str(problem) for problem in problems(flow, words, other=other)]
    assert said == [
        "flows/visit.yaml:1: warning: `menu: 1` is already the place of `other`",
        "flows/visit.yaml:5: the keyword `present` already starts the flow `other`",
    ]


def test_a_flow_of_the_same_name_is_refused() -> None:
    with pytest.raises(FlowError, match=r"the flow `visit` is already in flows/again\.yaml"):
        Release(Source({"flows/visit.yaml": FLOW, "flows/again.yaml": FLOW}, {"fr": po(FRENCH)}))


def test_what_is_shipped_has_no_problem(shipped: Source) -> None:
    assert check(shipped, ["SRO", "CTE"]) == []


def test_a_change_of_words_is_another_version_of_the_flow(shipped: Source) -> None:
    before = Release(shipped).digests()
    words = {**shipped.words, "fr": shipped.words["fr"].replace("Quel produit ?", "Lequel ?")}
    after = Release(structs.replace(shipped, words=words)).digests()
    assert {name for name in before if before[name] != after[name]} == {"stock"}


def test_what_is_longest_is_found_once_for_all_steps(release: Release) -> None:
    """A page of three hundred steps took fourteen seconds."""
    flow = release.flows["stock"]
    assert longest(release, flow, "fr") is longest(release, flow, "fr")
    assert longest(release, flow, "fr") is not longest(release, flow, "bm")
