"""What people write in an SMS, and what is made of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.grammar import Command, Item, Verdict, read_command, read_items

PRODUCTS = [
    "TDR",
    "CTN",
    "CTE",
    "ART",
    "PAR",
    "SRO",
    "ZIN",
    "AMX",
    "ATP",
    "ALB",
    "VIT",
    "PIL",
    "INJ",
    "PRE",
    "CHX",
]


def accepted(raw: str, product: str, quantity: int) -> Item:
    return Item(raw, Verdict.ACCEPTED, product, quantity)


def refused(raw: str, reason: str, product: str = "", quantity: int | None = None) -> Item:
    return Item(raw, Verdict.REFUSED, product, quantity, reason=reason)


def doubtful(raw: str, quantity: int, *suggestions: str) -> Item:
    return Item(raw, Verdict.DOUBTFUL, "", quantity, suggestions, "unknown_product")


@pytest.mark.parametrize(
    "text",
    [
        "CTE 12 SRO 5",
        "cte 12 sro 5",
        "cte12,sro=5",
        "cte:12;sro 5",
        "CTE12SRO5",
        "CTE I2 SR0 5",
        "cteI2sr05",
        "CTE l2 SRO O5",
        "CTE 12, SRO 5.",
        "CTE=12/SRO=5",
        "CTE-12-SRO-5",
        "CTE - 12; SRO - 5",
        "CTE: 12\nSRO: 5\n",
        "CTE 12 et SRO 5",
        "CTE 12 ni SRO 5",
        "CTE x 12, SRO ×5",
        "CTE douze SRO cinq",
        "cte tan ni fila ni sro duuru",
        "CTE\u00a012\u202fSRO\u00a05",
        "CTÉ 12 SRÒ 5",
        "12 CTE 5 SRO",
        "12 CTE, 5 SRO",
        "douze CTE et 5 SRO",
        "CTE 12 CTE 12 SRO 5",
        "CTE ١٢ SRO ٥",
    ],
)
def test_one_report_in_many_writings(text: str) -> None:
    items = read_items(text, PRODUCTS)
    assert [(item.verdict, item.product, item.quantity) for item in items] == [
        (Verdict.ACCEPTED, "CTE", 12),
        (Verdict.ACCEPTED, "SRO", 5),
    ]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", []),
        ("?! ...", []),
        ("CTE 0", [accepted("CTE 0", "CTE", 0)]),
        ("CTE 9999", [accepted("CTE 9999", "CTE", 9999)]),
        (
            "CTE 12 XYZ 4 SRO",
            [
                accepted("CTE 12", "CTE", 12),
                refused("XYZ 4", "unknown_product", quantity=4),
                refused("SRO", "no_quantity", "SRO"),
            ],
        ),
        ("12", [refused("12", "no_product", quantity=12)]),
        ("CTE", [refused("CTE", "no_quantity", "CTE")]),
        ("CTX 5", [doubtful("CTX 5", 5, "CHX", "CTE", "CTN")]),
        ("RSO 5", [doubtful("RSO 5", 5, "SRO")]),
        ("SROO 5", [doubtful("SROO 5", 5, "SRO")]),
        ("SR 5", [doubtful("SR 5", 5, "SRO")]),
        ("CT3 5", [doubtful("CT3 5", 5, "CTE", "CTN")]),
        ("XYZ4 SRO5", [refused("XYZ4", "unknown_product", quantity=4), accepted("SRO5", "SRO", 5)]),
        ("SRP", [Item("SRP", Verdict.REFUSED, "", None, ("SRO",), "unknown_product")]),
        ("SRP 10000", [Item("SRP 10000", Verdict.REFUSED, "", 10000, ("SRO",), "unknown_product")]),
        ("SRP 1,5", [Item("SRP 1,5", Verdict.REFUSED, "", None, ("SRO",), "unknown_product")]),
        ("CTE 10000", [refused("CTE 10000", "too_big", "CTE", 10000)]),
        ("CTE 1,5 SRO 5", [refused("CTE 1,5", "not_whole", "CTE"), accepted("SRO 5", "SRO", 5)]),
        ("CTE -5", [refused("CTE -5", "not_whole", "CTE")]),
        ("CTE:-5", [refused("CTE:-5", "not_whole", "CTE")]),
        ("CTE 12-15", [refused("CTE 12-15", "not_whole", "CTE")]),
        ("CTE 1 000", [refused("CTE 1 000", "not_whole", "CTE")]),
        ("CTE 21/11/2026", [refused("CTE 21/11/2026", "not_whole", "CTE")]),
        ("CTE quatre cents", [refused("CTE quatre cents", "not_whole", "CTE")]),
        ("CTE vingt et un", [refused("CTE vingt et un", "not_whole", "CTE")]),
        ("CTE 2026 500", [accepted("CTE 2026", "CTE", 2026), refused("500", "no_product", quantity=500)]),
        ("CTE 12345678901234567890", [refused("CTE 12345678901234567890", "not_whole", "CTE")]),
        ("CTE 12 CTE 13", [accepted("CTE 12", "CTE", 12), refused("CTE 13", "repeated", "CTE", 13)]),
        ("CTE 1,5 CTE 2", [refused("CTE 1,5", "not_whole", "CTE"), accepted("CTE 2", "CTE", 2)]),
        ("PAR 20cp", [accepted("PAR 20", "PAR", 20), refused("cp", "unknown_product")]),
        ("PAR 1Ocp", [refused("PAR 1Ocp", "not_whole", "PAR")]),
        ("PAR 1,5cp", [refused("PAR 1,5", "not_whole", "PAR"), refused("cp", "unknown_product")]),
        ("PI1 4 P1L 4", [accepted("PI1 4", "PIL", 4)]),
        ("SRO O", [refused("SRO", "no_quantity", "SRO"), refused("O", "unknown_product")]),
        (
            "Bonjour CTE 12 merci",
            [
                refused("Bonjour", "unknown_product"),
                accepted("CTE 12", "CTE", 12),
                refused("merci", "unknown_product"),
            ],
        ),
        (
            "2 cartons CTE 12 SRO 5",
            [
                refused("2", "no_product", quantity=2),
                refused("cartons", "unknown_product"),
                accepted("CTE 12", "CTE", 12),
                accepted("SRO 5", "SRO", 5),
            ],
        ),
        (
            "12 CTE 5 SRO merci",
            [
                accepted("12 CTE", "CTE", 12),
                accepted("5 SRO", "SRO", 5),
                refused("merci", "unknown_product"),
            ],
        ),
    ],
)
def test_each_item_has_its_verdict(text: str, items: list[Item]) -> None:
    assert read_items(text, PRODUCTS) == tuple(items)


def test_what_looks_like_two_products_is_asked_about() -> None:
    assert read_items("P1T 3", ["PIT", "PLT"]) == (doubtful("P1T 3", 3, "PIT", "PLT"),)
    assert read_items("PIT 3", ["PIT", "PLT"]) == (accepted("PIT 3", "PIT", 3),)


def test_products_are_the_programmes_own() -> None:
    assert read_items("b12 5 fɛn 3 B1Z 2", ["B12", "Fɛn"]) == (
        accepted("b12 5", "B12", 5),
        accepted("fɛn 3", "Fɛn", 3),
        doubtful("B1Z 2", 2, "B12"),
    )
    assert read_items("CTE 5", []) == (refused("CTE 5", "unknown_product", quantity=5),)
    assert read_items("CTE 5", ["CTE"], most=4) == (refused("CTE 5", "too_big", "CTE", 5),)


@pytest.mark.parametrize(
    "noise", ["x", "o", "1", "l1", "1.1", "a1", "cte1", "- 1 ", "1 000 ", "dix ", "et ", "ɛ", "€"]
)
def test_noise_makes_at_most_forty_items(noise: str) -> None:
    assert len(read_items(noise * (4000 // len(noise)), PRODUCTS)) <= 40


@given(st.text(), st.lists(st.text(max_size=4), max_size=4))
def test_no_text_and_no_products_are_an_error(text: str, products: list[str]) -> None:
    assert len(read_items(text, products)) <= 40


reports = st.dictionaries(st.sampled_from(PRODUCTS), st.integers(0, 9999), max_size=15)
noise = st.text(st.sampled_from("ctesropil019OIl ,;:=-./\n"), max_size=80)


@given(noise)
def test_only_what_stands_in_the_text_is_accepted(text: str) -> None:
    for item in read_items(text, PRODUCTS):
        assert item.raw in text
        if item.verdict is Verdict.ACCEPTED:
            assert item.product in PRODUCTS
            assert item.quantity is not None
            assert (item.suggestions, item.reason) == ((), "")
        else:
            assert item.reason


@given(
    reports,
    st.sampled_from([" ", "", ":", "=", " = ", ", "]),
    st.sampled_from([" ", ", ", ";", "\n", " et "]),
    st.booleans(),
)
def test_every_writing_of_a_report_reads_the_same(
    report: dict[str, int], within: str, between: str, low: bool
) -> None:
    text = between.join(f"{product}{within}{quantity}" for product, quantity in report.items())
    items = read_items(text.lower() if low else text, PRODUCTS)
    assert {item.product: item.quantity for item in items if item.verdict is Verdict.ACCEPTED} == report
    assert len(items) == len(report)


@given(reports)
def test_look_alikes_read_the_same(report: dict[str, int]) -> None:
    swap = str.maketrans({"1": "l", "0": "O"})
    text = " ".join(
        f"{product.replace('O', '0').replace('I', '1')} {'0' + str(quantity).translate(swap)}"
        for product, quantity in report.items()
    )
    assert {item.product: item.quantity for item in read_items(text, PRODUCTS)} == report


KEYWORDS = {
    "stock": "stock",
    "present": "present",
    "absent": "absent",
    "alerte": "alert",
    "corriger": "correct",
    "annuler": "cancel",
    "a bali": "cancel",
    "aide": "help",
    "langue": "language",
    "stop": "stop",
    "dabila": "stop",
    "start": "start",
    "damine": "start",
    "ok": "ok",
    "o be ben": "ok",
    "statut": "status",
    "oui": "yes",
    "awo": "yes",
    "o": "yes",
    "non": "no",
    "deme": "help",
    "stocke": "stock",
    "statue": "present",
}


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("STOCK CTE 12 SRO 5", Command("stock", "CTE 12 SRO 5")),
        ("stock: CTE 12", Command("stock", "CTE 12")),
        ("stock", Command("stock", "")),
        ("Présent", Command("present", "")),
        ("ABSENT.", Command("absent", "")),
        ("Alerte : Feu à Kita!", Command("alert", "Feu à Kita!")),
        ("CORRIGER CTE 10", Command("correct", "CTE 10")),
        ("ANNULER", Command("cancel", "")),
        ("A  bali!", Command("cancel", "")),
        ("Dɛmɛ", Command("help", "")),
        ("LANGUE BM", Command("language", "BM")),
        ("Stop", Command("stop", "")),
        ("start", Command("start", "")),
        ("OK 4712", Command("ok", "4712", 4712)),
        ("ok4712", Command("ok", "4712", 4712)),
        ("ok #47I2.", Command("ok", "47I2.", 4712)),
        ("ok 47 12", Command("ok", "47 12")),
        ("ok douze", Command("ok", "douze", 12)),
        ("O bɛ bɛn 12", Command("ok", "12", 12)),
        ("O bɛ", Command("yes", "bɛ")),
        ("oui", Command("yes", "")),
        ("Awɔ", Command("yes", "")),
        (" Non !", Command("no", "")),
        ("", Command("empty", "")),
        (" \n.?!", Command("empty", "")),
        ("😀", Command("empty", "")),
        ("12", Command("answer", "12")),
        ("  douze personnes ", Command("answer", "douze personnes")),
        ("okay", Command("answer", "okay")),
        ("bali", Command("answer", "bali")),
        ("l'aide", Command("help", "")),
    ],
)
def test_a_command_is_what_the_text_begins_with(text: str, command: Command) -> None:
    assert read_command(text, KEYWORDS) == command


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("stok CTE 5", Command("stock", "CTE 5")),
        ("stok5", Command("stock", "5", 5)),
        ("prezent", Command("present", "")),
        ("Présente", Command("present", "")),
        ("alrete feu", Command("alert", "feu")),
        ("adie", Command("help", "")),
        ("stop", Command("stop", "")),
        ("sto", Command("answer", "sto")),
        ("stp", Command("answer", "stp")),
        ("strat", Command("answer", "strat")),
        ("annule", Command("answer", "annule")),
        ("abali", Command("answer", "abali")),
        ("statu", Command("answer", "statu")),
        ("ou", Command("answer", "ou")),
        ("nom", Command("answer", "nom")),
    ],
)
def test_one_slip_is_forgiven_where_it_harms_nobody(text: str, command: Command) -> None:
    assert read_command(text, KEYWORDS) == command


def test_a_digit_may_be_a_keyword() -> None:
    assert read_command("1", {"1": "yes", "2": "no"}) == Command("yes", "")
    assert read_command("12", {"1": "yes", "2": "no"}) == Command("answer", "12")


@given(
    st.text(), st.dictionaries(st.text(max_size=5), st.sampled_from(["stock", "stop", "help"]), max_size=4)
)
def test_no_text_is_an_error(text: str, keywords: dict[str, str]) -> None:
    command = read_command(text, keywords)
    assert command.name in {"stock", "stop", "help", "answer", "empty"}
    assert command.rest in text


@given(st.text("stopdabilnuer ", max_size=12))
def test_a_word_that_harms_is_never_guessed(text: str) -> None:
    harmful = {keyword: name for keyword, name in KEYWORDS.items() if name in {"stop", "start", "cancel"}}
    command = read_command(text, harmful)
    words = text.split()
    said = any(" ".join(words[:count]) in harmful for count in (1, 2))
    assert (command.name in harmful.values()) == said
