"""What people write in an SMS, and what is made of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.grammar import Item, Verdict, read_items

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


def letter(raw: str, quantity: int, product: str) -> Item:
    return Item(raw, Verdict.DOUBTFUL, "", quantity, (product,), "no_quantity")


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
        ("SRO O", [letter("SRO O", 0, "SRO")]),
        ("sro:o, CTE l", [letter("sro:o", 0, "SRO"), letter("CTE l", 1, "CTE")]),
        ("CTE 12 SRO O", [accepted("CTE 12", "CTE", 12), letter("SRO O", 0, "SRO")]),
        ("SRO O 5", [letter("SRO O", 0, "SRO"), refused("5", "no_product", quantity=5)]),
        ("O", [refused("O", "unknown_product")]),
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


UNITS = frozenset({"sachet", "sachets", "test", "tests", "furakise"})


@pytest.mark.parametrize(
    ("text", "report"),
    [
        ("SRO 5 sachets, TDR 3 tests", {"SRO": 5, "TDR": 3}),
        ("5 sachets SRO 3 tests TDR", {"SRO": 5, "TDR": 3}),
        ("PAR 20 furakisɛ SRO 2", {"PAR": 20, "SRO": 2}),
        ("SRO 5sachets", {"SRO": 5}),
    ],
)
def test_the_unit_behind_a_number_says_nothing(text: str, report: dict[str, int]) -> None:
    items = read_items(text, PRODUCTS, units=UNITS)
    assert {item.product: item.quantity for item in items} == report
    assert {item.verdict for item in items} == {Verdict.ACCEPTED}


def test_a_unit_without_a_number_before_it_is_named() -> None:
    assert read_items("sachets SRO 5", PRODUCTS, units=UNITS)[0] == refused("sachets", "unknown_product")
