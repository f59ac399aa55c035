"""Screens laid out in pages: exact ones to read, and the promises every screen keeps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.gsm import septets
from bot.text.screens import MORE, Budget, compile_screen

FOOTER = [("0", "Retour"), ("00", "Menu")]
FOOT = "0 Retour 00 Menu"
TURN = "98 Suite 0 Retour 00 Menu"
PRODUCTS = (
    "TDR,CTA nourrisson,CTA enfant,Artésunate,Paracétamol,SRO,Zinc,Amoxicilline,Plumpy Nut,Albendazole,Gants"
)
YES_NO = [("1", "Oui"), ("2", "Non")]


def pages(body: str, options: list[tuple[str, str]], budget: Budget | None = None) -> list[str]:
    return list(compile_screen(body, options, FOOTER, "Suite", budget or Budget()))


def test_a_small_screen_is_one_page() -> None:
    assert pages("Rapport de stock ?", YES_NO) == [f"Rapport de stock ?\n1 Oui\n2 Non\n{FOOT}"]
    assert pages("Merci.\n\nÀ demain.".replace("À", "A"), []) == [f"Merci.\n\nA demain.\n{FOOT}"]
    assert pages("", YES_NO) == [f"1 Oui\n2 Non\n{FOOT}"]
    assert pages("", []) == [FOOT]
    assert compile_screen(" Merci\n", [], [], "Suite", Budget()) == ("Merci",)


def test_a_page_may_be_filled_to_the_last_septet() -> None:
    room = 156 - len(FOOT) - 1
    assert len(pages("a" * room, [])) == 1
    assert len(pages("a" * (room + 1), [])) == 2
    assert len(pages("€" * (room // 2) + "a", [])) == 1
    assert len(pages("€" * (room // 2) + "aa", [])) == 2


def test_a_long_list_goes_on_with_its_numbers() -> None:
    first, second = pages("Quel produit ?", [(str(n), p) for n, p in enumerate(PRODUCTS.split(","), 1)])
    assert first.startswith("Quel produit ?\n1 TDR\n2 CTA nourrisson\n")
    assert first.endswith(f"\n8 Amoxicilline\n9 Plumpy Nut\n{TURN}")
    assert second == f"10 Albendazole\n11 Gants\n{FOOT}"


def test_the_question_turns_the_page_with_its_options() -> None:
    news = "Votre chef dit que la réunion de demain est déplacée au village voisin, devant le CSCom."
    assert pages(f"{news} Pouvez-vous y aller ?", [*YES_NO, ("3", "Je ne sais pas encore")]) == [
        f"{news}\n{TURN}",
        f"Pouvez-vous y aller ?\n1 Oui\n2 Non\n3 Je ne sais pas encore\n{FOOT}",
    ]


def test_a_question_of_two_lines_goes_back_to_where_the_fewest_pages_begin() -> None:
    first, second = "a" * 70 + ".", "b" * 70 + "."
    assert pages(f"{first}\n{second}\nOui ?", YES_NO) == [
        f"{first}\n{TURN}",
        f"{second}\nOui ?\n1 Oui\n2 Non\n{FOOT}",
    ]


def test_a_question_too_long_to_go_with_its_options_is_split_where_it_must() -> None:
    question = " ".join(["douze"] * 25) + " ?"
    first, second = pages(f"Bonjour. {question}", YES_NO)
    assert first.startswith("Bonjour. douze")
    assert first.endswith(f" douze\n{TURN}")
    assert second.endswith(f" ?\n1 Oui\n2 Non\n{FOOT}")


def test_options_are_together_only_when_that_costs_no_page() -> None:
    body = "a" * 100 + ". " + "b" * 100 + "."
    plain = pages(body, [("1", "c" * 20), ("2", "d" * 60)])
    assert len(plain) == 3
    assert plain[-1] == f"2 {'d' * 60}\n{FOOT}"


def test_a_word_longer_than_a_page_is_cut_between_characters() -> None:
    first, second = pages("€" * 100, [])
    assert first == f"{'€' * 65}\n{TURN}"
    assert second == f"{'€' * 35}\n{FOOT}"


def test_only_an_option_longer_than_a_page_is_cut() -> None:
    first, second, third = pages("Où ?", [("1", "très " * 40 + "loin"), ("2", "Ici")])
    assert first == f"Où ?\n{TURN}"
    assert second.startswith("1 très très")
    assert third.endswith(f"très loin\n2 Ici\n{FOOT}")


def test_ucs2_is_counted_in_utf16_units() -> None:
    budget = Budget(limit=76, ucs2=True)
    assert pages("I ni sɔgɔma", [("1", "Awɔ")], budget) == [f"I ni sɔgɔma\n1 Awɔ\n{FOOT}"]
    assert len(pages("😀" * 30, [], budget)) == 2
    assert budget.fits("ɛ" * 76)
    assert not budget.fits("😀" * 39)


def test_a_wide_footer_becomes_a_list() -> None:
    footer = [("0", "Retour au début"), ("00", "Menu principal")]
    assert compile_screen("a", [], footer, "Suite", Budget()) == ("a\n0 Retour au début\n00 Menu principal",)
    first, _ = compile_screen("a " * 70, [], footer, "Suite", Budget())
    assert first.endswith("\n98 Suite\n0 Retour au début\n00 Menu principal")


@pytest.mark.parametrize("limit", [1, 4, 30, 38])
def test_a_footer_that_leaves_no_room_is_an_error(limit: int) -> None:
    with pytest.raises(ValueError, match=f"'{TURN}' leaves -?[0-9]+ of {limit} "):
        pages("a", [], Budget(limit=limit))


def test_the_smallest_budget_that_works_holds_a_third_for_the_question() -> None:
    assert len(pages("a" * 30, [], Budget(limit=39))) == 2


def test_a_text_that_was_not_folded_is_an_error() -> None:
    with pytest.raises(ValueError, match="'ɛ' at character"):
        pages("Kɛnɛya", [])


def test_a_screen_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing to show"):
        compile_screen(" \n", [], [], "Suite", Budget())


word = st.one_of(st.text("abcé€", min_size=1, max_size=12), st.text("a€", min_size=1, max_size=200))
text = st.lists(st.tuples(word, st.sampled_from([" ", "\n", ". ", " ? ", "\n\n"])), max_size=40).map(
    lambda words: "".join(part for pair in words for part in pair)
)
labels = st.lists(st.lists(word, min_size=1, max_size=4).map(" ".join), max_size=20)
footers = st.sampled_from([FOOTER, FOOTER[:1], [], [("0", "Retour au début"), ("00", "Menu principal")]])


@given(text, labels, footers, st.integers(110, 182))
def test_every_page_fits_and_nothing_is_lost(
    body: str, options: list[str], footer: list[tuple[str, str]], limit: int
) -> None:
    numbered = [(str(number), label) for number, label in enumerate(options, 1)]
    asked = " ".join([body, *(f"{key} {label}" for key, label in numbered)])
    if not asked.strip() and not footer:
        return
    screens = compile_screen(body, numbered, footer, "Suite", Budget(limit=limit))
    keys = [f"{key} {label}" for key, label in footer]
    foot = [f"{MORE} Suite", *keys]
    turning, last = footed(screens[:-1], foot), footed(screens[-1:], keys)
    assert all(0 < septets(screen) <= limit for screen in screens)
    assert all(turning)
    assert "".join("".join(turning + last).split()) == "".join(asked.split())
    lines = [line for page in turning + last for line in page.split("\n")]
    room = limit - septets(" ".join(["", *foot]))
    for key, label in numbered:
        if septets(f"{key} {label}") <= room:
            assert lines.count(f"{key} {label}") == 1
    if all(septets(piece) <= room for piece in asked.split()):
        assert " ".join(turning + last).split() == asked.split()


def footed(screens: tuple[str, ...], foot: list[str]) -> list[str]:
    """Take the footer off each page, having seen that it is there."""
    pages_ = []
    for screen in screens:
        ending = next(ending for ending in (" ".join(foot), "\n".join(foot)) if screen.endswith(ending))
        pages_.append(screen.removesuffix(ending).removesuffix("\n"))
    return pages_


short = st.text("abcé", min_size=1, max_size=12)


@given(st.lists(short, max_size=60), st.lists(st.lists(short, min_size=1, max_size=4), max_size=20))
def test_pages_are_not_wasted(words: list[str], options: list[list[str]]) -> None:
    """A page turns only when the next option, here at most 54 septets, does not fit the 130 there are."""
    numbered = [(str(number), " ".join(label)) for number, label in enumerate(options, 1)]
    asked = "\n".join([" ".join(words), *(f"{key} {label}" for key, label in numbered)])
    assert len(pages(" ".join(words), numbered)) <= 1 + septets(asked) // (130 - 54 - 1)
