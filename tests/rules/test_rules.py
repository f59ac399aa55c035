"""Each rule on a table of what can be said: what it raises, what it clears, and what is none of its business."""

from datetime import date
from typing import Any

import pytest
from msgspec import convert

from bot import rules
from bot.rules import Limits, Raise, Said, cut, load, span

RULES = load()
LIMITS = {"SRO": Limits(20, 1.0, 240), "CTE": Limits(15, 0.5, 180), "ATP": Limits()}


def judge(rule: str, kind: str, answers: dict[str, Any], **more: Any) -> list[str]:
    """What that rule finds, in short: `+subject` raised, `-subject` cleared."""
    said = Said(kind, answers, date(2026, 11, 21), limits=LIMITS, **more)
    found = RULES[rule].judge(said, RULES[rule].Settings())
    return [("+" if isinstance(one, Raise) else "-") + one.subject for one in found]


def stock(product: str, quantity: Any, **more: Any) -> dict[str, Any]:
    return {"product": product, "quantity": quantity, **more}


def test_every_rule_is_found_with_its_settings() -> None:
    expected = "absent declined epidemic implausible low newcomer silent stockout unpaid"
    assert list(RULES) == expected.split()
    for rule in RULES.values():
        settings = rule.Settings()
        assert convert({"escalate": list(settings.escalate)}, type(settings)) == settings


@pytest.mark.parametrize(
    ("rule", "kind", "answers", "found"),
    [
        ("stockout", "stock", stock("SRO", 0), ["+stockout:SRO"]),
        ("stockout", "stock", stock("SRO", 3), ["-stockout:SRO"]),
        ("stockout", "stock", {"receipt": "no"}, []),
        ("stockout", "stock", stock("SRO", "?"), []),
        ("stockout", "stock", stock("SRO", True), []),
        ("stockout", "checkin", stock("SRO", 0), []),
        ("low", "stock", stock("SRO", 19), ["+low:SRO"]),
        ("low", "stock", stock("SRO", 20), ["-low:SRO"]),
        ("low", "stock", stock("SRO", 0), ["-low:SRO"]),
        ("low", "stock", stock("CTE", 7), ["+low:CTE"]),
        ("low", "stock", stock("CTE", 8), ["-low:CTE"]),
        ("low", "stock", stock("ATP", 1), ["-low:ATP"]),
        ("low", "stock", stock("XXX", 1), ["-low:XXX"]),
        ("low", "stock", {}, []),
        ("low", "payment", stock("SRO", 1), []),
        ("implausible", "stock", stock("SRO", 241), ["+implausible:SRO"]),
        ("implausible", "stock", stock("SRO", 240), ["-implausible:SRO"]),
        ("implausible", "stock", stock("SRO", 900, partial="yes"), ["-implausible:SRO"]),
        ("implausible", "stock", stock("ATP", 9000), ["-implausible:ATP"]),
        ("implausible", "stock", stock("XXX", 9000), ["-implausible:XXX"]),
        ("implausible", "stock", {}, []),
        ("epidemic", "alert", {"event": "cholera", "cases": 3}, ["+epidemic:cholera"]),
        ("epidemic", "alert", {"event": "other", "text": "vomissements"}, ["+epidemic:other"]),
        ("epidemic", "alert", {}, []),
        ("epidemic", "stock", {"event": "cholera"}, []),
        ("unpaid", "payment", {"received": "no", "pay_month": "10/2026"}, ["+unpaid:10/2026"]),
        ("unpaid", "payment", {"received": "yes", "pay_month": "10/2026"}, ["-unpaid:10/2026"]),
        ("unpaid", "payment", {"received": "no"}, []),
        ("unpaid", "quiz", {"received": "no", "pay_month": "10/2026"}, []),
        ("absent", "checkin", {"status": "absent", "why": "insecurity"}, ["+absent"]),
        ("absent", "checkin", {"status": "absent", "why": "displaced"}, ["+absent"]),
        ("absent", "checkin", {"status": "absent", "why": "leave"}, ["-absent"]),
        ("absent", "checkin", {"status": "present"}, ["-absent"]),
        ("absent", "stock", {"why": "insecurity"}, []),
        ("declined", "training", {"training": "F-1", "coming": "no"}, ["+declined:F-1"]),
        ("declined", "training", {"training": "F-1", "coming": "yes"}, ["-declined:F-1"]),
        ("declined", "training", {"training": "F-1", "coming": "unsure"}, ["-declined:F-1"]),
        ("declined", "training", {"coming": "no"}, []),
        ("declined", "quiz", {"training": "F-1", "coming": "no"}, []),
        ("silent", "checkin", {"status": "absent"}, ["-silent:checkin"]),
        ("silent", "stock", stock("SRO", 5), ["-silent:stock"]),
        ("silent", "quiz", {"score": 3}, []),
        ("newcomer", "registration", {"name": "Fanta", "supervisor": "+22370000101"}, ["+newcomer"]),
        ("newcomer", "registration", {"consent": "no"}, []),
        ("newcomer", "checkin", {"name": "Fanta", "supervisor": "+22370000101"}, []),
    ],
)
def test_a_row_is_judged(rule: str, kind: str, answers: dict[str, Any], found: list[str]) -> None:
    assert judge(rule, kind, answers) == found


@pytest.mark.parametrize(
    ("rule", "kind", "answers", "found"),
    [
        ("stockout", "stock", stock("SRO", 0), ["-stockout:SRO"]),
        ("low", "stock", stock("SRO", 3), ["-low:SRO"]),
        ("implausible", "stock", stock("SRO", 900), ["-implausible:SRO"]),
        ("epidemic", "alert", {"event": "cholera", "cases": 3}, ["-epidemic:cholera"]),
        ("unpaid", "payment", {"received": "no", "pay_month": "10/2026"}, ["-unpaid:10/2026"]),
        ("absent", "checkin", {"why": "displaced"}, ["-absent"]),
        ("declined", "training", {"training": "F-1", "coming": "no"}, ["-declined:F-1"]),
        ("silent", "checkin", {"status": "present"}, []),
        ("newcomer", "registration", {"name": "Fanta", "supervisor": "+22370000101"}, []),
    ],
)
def test_what_is_taken_back_is_cleared(
    rule: str, kind: str, answers: dict[str, Any], found: list[str]
) -> None:
    assert judge(rule, kind, answers, void=True) == found


@pytest.mark.parametrize(
    ("known", "quantity", "found"),
    [
        ("12~20@1763000000000", 19, "+low:ATP"),
        ("12~20@1763000000000", 20, "-low:ATP"),
        ("12@1763000000000", 1, "-low:ATP"),
        ("12~x@1763000000000", 1, "-low:ATP"),
    ],
)
def test_what_she_uses_is_measured_before_it_is_assumed(known: str, quantity: int, found: str) -> None:
    assert judge("low", "stock", stock("ATP", quantity), known={"stock:ATP": known}) == [found]


def values(rule: str, kind: str, answers: dict[str, Any]) -> dict[str, str]:
    said = Said(kind, answers, date(2026, 11, 21), limits=LIMITS)
    (found,) = (one for one in RULES[rule].judge(said, RULES[rule].Settings()) if isinstance(one, Raise))
    return dict(found.values)


def test_what_is_found_says_what_and_how_much() -> None:
    assert values("low", "stock", stock("CTE", 7)) == {"product": "CTE", "quantity": "7", "level": "7.5"}
    assert values("epidemic", "alert", {"event": "cholera", "cases": 3}) == {
        "what": "@alert.event.cholera",
        "cases": " (3)",
    }
    assert values("epidemic", "alert", {"event": "cholera"})["cases"] == ""


def test_a_callers_own_words_are_never_a_key_and_never_too_long() -> None:
    assert values("epidemic", "alert", {"event": "other", "text": "@sms.help"})["what"] == "sms.help"
    long = values("epidemic", "alert", {"event": "other", "text": "W" * 120})["what"]
    assert long == "W" * 38 + ".."
    asked = {"name": " @" + "é" * 60, "supervisor": "+22370000101"}
    assert values("newcomer", "registration", asked)["name"] == "é" * 38 + ".."
    assert cut("Awa", 3) == "Awa"


def test_an_outbreak_is_told_again_and_a_newcomer_is_the_supervisors_she_names() -> None:
    said = Said("alert", {"event": "cholera", "cases": 3}, date(2026, 11, 21))
    (outbreak,) = RULES["epidemic"].judge(said, RULES["epidemic"].Settings())
    assert outbreak.again
    asked = {"name": "Fanta", "supervisor": "+22370000101"}
    said = Said("registration", asked, date(2026, 11, 21))
    (request,) = RULES["newcomer"].judge(said, RULES["newcomer"].Settings())
    assert (request.supervisor, request.again) == ("+22370000101", False)


@pytest.mark.parametrize(("delay", "seconds"), [("30m", 1800), ("24h", 86_400), ("2d", 172_800)])
def test_a_delay_is_a_length_of_time(delay: str, seconds: int) -> None:
    assert span(delay).total_seconds() == seconds


def test_an_outbreak_does_not_wait_and_all_else_can() -> None:
    urgent = {name for name, rule in RULES.items() if rule.Settings().urgent}
    assert urgent == {"epidemic"}
    assert rules.Common() == rules.Common(enabled=True, urgent=False, escalate=("24h", "48h"))
