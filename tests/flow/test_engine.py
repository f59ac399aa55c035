"""The step: calls and loops, back and home, patience, what is kept of what was not finished."""

from bot.flow import engine
from bot.flow.effects import Change, Record, Tell
from bot.flow.run import Item
from tests.flow.flows import INNER, OUTER, PRODUCTS, loop_release
from tests.flow.small import begin, caller, release, shown, typed


def test_a_called_flow_comes_back() -> None:
    run = typed(begin(release(OUTER, INNER)), "1", "2")
    assert (run.flow, run.state) == ("outer", "second")
    run = typed(run, "7")
    assert run.effects == (Record("checkin", ({"first": "yes", "second": 7},), "outer"),)
    assert engine.over(run)


def test_a_flow_begun_by_itself_is_done_when_it_comes_back() -> None:
    run = typed(begin(release(INNER)), "1")
    assert shown(run) == "Fini."
    assert typed(run, "again").state == run.state


def test_the_right_answers_are_counted() -> None:
    quiz = INNER.replace("then: done", "then: told") + "told: end\n"
    made = release(quiz, inner__told="{score} juste")
    assert shown(typed(begin(made), "1")) == "1 juste"
    assert shown(typed(begin(made), "2")) == "0 juste"


def test_back_and_home_from_anywhere() -> None:
    run = typed(begin(release(OUTER, INNER)), "1")
    assert shown(run).endswith("0 Retour")
    assert typed(run, "0").state == "first"
    run = typed(run, "2")
    assert shown(run).endswith("000 Retour 00 Menu"), "0 is itself an answer here"
    assert typed(run, "000").state == "colour"
    home = typed(run, "00")
    assert (home.state, home.given) == ("first", ())
    assert typed(home, "0").state == "first", "there is nothing before the first screen"


def test_a_loop_asks_for_each_item_and_skips_what_is_not_meant() -> None:
    run = begin(loop_release(), caller(lists={"products": PRODUCTS}))
    assert shown(run) == "Sels (SRO) ?"
    run = typed(run, "5")
    assert shown(run).startswith("CTE ?")
    run = typed(run, "2", "7")
    assert shown(run) == "Fait : SRO 5, PAR 7."
    (record,) = run.effects
    assert isinstance(record, Record)
    assert record.rows == ({"product": "SRO", "unit": "sachet", "count": 5}, {"product": "PAR", "count": 7})


def test_a_loop_may_end_on_what_is_skipped() -> None:
    run = typed(begin(loop_release(), caller(lists={"products": PRODUCTS[:2]})), "5", "2")
    assert shown(run) == "Fait : SRO 5."


def test_a_loop_of_which_all_is_skipped_keeps_nothing() -> None:
    run = typed(begin(loop_release(), caller(lists={"products": PRODUCTS[1:2]})), "2")
    assert run.effects == ()
    assert engine.over(run)


def test_a_loop_over_nothing_is_passed() -> None:
    run = begin(loop_release(), caller(lists={"products": ()}))
    assert (run.state, run.effects) == ("bye", ())


def test_a_long_report_counts_what_the_last_screen_cannot_hold() -> None:
    items = tuple(Item(f"PRODUIT{n}", {}, {}) for n in range(20))
    run = typed(begin(loop_release(), caller(lists={"products": items})), *["50"] * 20)
    assert shown(run).endswith(", +9.")
    assert engine.pages(run) == (shown(run),)


def test_answers_of_a_loop_become_the_flows_own_when_it_is_not_recorded() -> None:
    flow = """flow: seen
start: what
what:
  ask: several
  among: [none, red, green]
  none: none
  then: {none: keep, else: each}
each:
  each: what
  do: count
  then: keep
count:
  ask: number
  between: 1..9
  as: item
  then: next
keep:
  record: checkin
  then: bye
bye: end
"""
    made = release(flow, seen__bye="{what} : {red}")
    run = typed(begin(made), "23", "4", "5")
    assert run.effects == (Record("checkin", ({"what": ["red", "green"], "red": 4, "green": 5},), "seen"),)
    assert shown(run) == "red, green : 4"
    assert shown(typed(begin(made), "1")) == "none :"


def test_what_is_set_counts_at_once() -> None:
    flow = """flow: tongue
start: which
which:
  ask: choice
  among: languages
  set: language
  then: seen
seen:
  look: language
  then: {bm: bye, else: which}
bye: end
"""
    languages = (Item("fr", {"fr": "Français"}), Item("bm", {"fr": "Bamanankan"}))
    run = typed(begin(release(flow), caller(lists={"languages": languages})), "2")
    assert (run.state, run.language) == ("bye", "bm")
    assert run.effects == (Change("language", "bm"),)


def test_somebody_is_told_in_words_to_be_said_later() -> None:
    flow = OUTER.replace("  record: checkin\n  with: [first]\n", "  tell: supervisor\n")
    made = release(flow, INNER, outer__second__tell="{first} {second}")
    run = typed(begin(made, caller(supervisor="+22370000101", name="Awa")), "1", "1", "3")
    (tell,) = run.effects
    assert isinstance(tell, Tell)
    assert (tell.to, tell.key) == ("+22370000101", "outer.second.tell")
    assert tell.values == {"name": "Awa", "msisdn": "+22376123456", "first": "@common.yes", "second": "3"}
    nobody = typed(begin(made), "1", "1", "3")
    assert nobody.effects == ()
