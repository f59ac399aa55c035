"""How phone numbers are written in Mali, and the one way we keep them: E.164, `+22376123456`."""

import re

_NATIONAL = 8
"""Digits of a Malian number (closed plan, no trunk prefix), as of its neighbours Burkina Faso and Niger."""

# Invisible marks travel with numbers copied from a phone; an apostrophe is how a spreadsheet is told "text".
_SEPARATORS = re.compile("[\\s./()_'’\u00ad\u2010-\u2015\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff-]+")

# ITU national numbering plan of Mali, as phonenumbers 9.0.43 reads it.
_MALI = re.compile(r"\+223[24-9]\d{7}", re.ASCII)
_MALI_MOBILE = re.compile(r"\+223(?:2(?:0(?:01|79)|17\d)\d{4}|(?:5[0-3]|[679]\d|8[2-59])\d{6})", re.ASCII)


class NotANumber(ValueError):  # noqa: N818 - what was typed, not an error of the program
    """What was written cannot be dialled; `reason` says why to whoever wrote it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse(text: str, country: str = "223") -> str:
    """Read a number into E.164: eight digits are one of `country`, `+` or `00` begins one from abroad."""
    written = _SEPARATORS.sub("", text)
    abroad = written.startswith(("+", "00"))
    digits = written.removeprefix("+") if written.startswith("+") else written.removeprefix("00")
    _check_digits(digits)
    if not abroad and len(digits) == _NATIONAL:
        digits = country + digits
    elif not abroad and not digits.startswith(country):
        raise NotANumber(
            f"{len(digits)} digits: a number here has {_NATIONAL}, one from abroad begins with +"
        )
    _check_plan(digits, country)
    return "+" + digits


def _check_digits(digits: str) -> None:
    if not digits:
        raise NotANumber("no number")
    if re.fullmatch(r"\d+,?\d*[eE]\+?\d+", digits):
        raise NotANumber("shortened by a spreadsheet: format the column as text and write it again")
    if stray := re.search(r"[^0-9]", digits):
        raise NotANumber(f"{stray[0]!r} stands in it: write the number in digits, such as 76 12 34 56")


def _check_plan(digits: str, country: str) -> None:
    length = len(digits) - len(country)
    if digits.startswith(country) and length != _NATIONAL:
        raise NotANumber(f"{max(length, 0)} digits after +{country} instead of {_NATIONAL}")
    if not re.fullmatch(r"[1-9]\d{7,14}", digits):
        raise NotANumber(f"+{digits[:20]} is no international number")
    if digits.startswith("223") and not _MALI.fullmatch("+" + digits):
        raise NotANumber(f"no Malian number begins with {digits[3]}")


def is_mobile(e164: str) -> bool:
    """Whether an SMS can reach it: no landline of Mali. Of other countries we do not know the plan: yes."""
    return not e164.startswith("+223") or _MALI_MOBILE.fullmatch(e164) is not None


def mask(e164: str) -> str:
    """Hide at least four digits, for a log: `+22376****56`."""
    shown = min(6, len(e164) - 6)
    return f"{e164[:shown]}****{e164[-2:]}" if shown > 0 else "****"
