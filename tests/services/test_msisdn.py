"""Numbers as people write them; phonenumbers, which shares no line with us, says what is a mobile."""

import re
from contextlib import suppress

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.text.msisdn import NotANumber, is_mobile, mask, parse


@pytest.mark.parametrize(
    "written",
    [
        "70 00 00 02",
        "70.00.00.02",
        "70-00-00-02",
        "70/00/00/02",
        " 70000002\n",
        "70\u00a000\u202f00\u00a002",
        "70\u201100\u201100\u201102",
        "00223 70000002",
        "0022370000002",
        "+223-70-00-00-02",
        "+22370000002",
        "\u202a+223 70 00 00 02\u202c",
        "223 70000002",
        "22370000002",
        "(+223) 70000002",
        "(223)70 00 00 02",
        "'+22370000002",
    ],
)
def test_any_usual_writing_is_the_same_number(written: str) -> None:
    assert parse(written) == "+22370000002"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "no number"),
        ("+", "no number"),
        (" - ", "no number"),
        ("=1+1", "'=' stands in it: write the number in digits, such as 76 12 34 56"),
        ("=HYPERLINK(1)", "'=' stands in it: write the number in digits, such as 76 12 34 56"),
        ("Awa", "'A' stands in it: write the number in digits, such as 76 12 34 56"),
        ("٧٠٠٠٠٠٠٢", "'٧' stands in it: write the number in digits, such as 76 12 34 56"),
        ("7000000²", "'²' stands in it: write the number in digits, such as 76 12 34 56"),
        ("+223+70000002", "'+' stands in it: write the number in digits, such as 76 12 34 56"),
        ("++22370000002", "'+' stands in it: write the number in digits, such as 76 12 34 56"),
        ("2.237E+10", "shortened by a spreadsheet: format the column as text and write it again"),
        ("2,237E+10", "shortened by a spreadsheet: format the column as text and write it again"),
        ("7000002", "7 digits: a number here has 8, one from abroad begins with +"),
        ("076123456", "9 digits: a number here has 8, one from abroad begins with +"),
        ("70000002.0", "9 digits: a number here has 8, one from abroad begins with +"),
        ("70000001/66000002", "16 digits: a number here has 8, one from abroad begins with +"),
        ("22505060708", "11 digits: a number here has 8, one from abroad begins with +"),
        ("+223 7000002", "7 digits after +223 instead of 8"),
        ("00223 700000020", "9 digits after +223 instead of 8"),
        ("223", "0 digits after +223 instead of 8"),
        ("+223 (0)76123456", "9 digits after +223 instead of 8"),
        ("10000002", "no Malian number begins with 1"),
        ("+223 30000002", "no Malian number begins with 3"),
        ("+0033612345678", "+0033612345678 is no international number"),
        ("+3361", "+3361 is no international number"),
        ("+1234567890123456", "+1234567890123456 is no international number"),
    ],
)
def test_what_cannot_be_dialled_is_refused_with_its_reason(written: str, reason: str) -> None:
    with pytest.raises(NotANumber) as refusal:
        parse(written)
    assert refusal.value.reason == str(refusal.value) == reason


def test_a_number_from_abroad_is_taken_with_plus_or_00() -> None:
    assert parse("+33 6 12 34 56 78") == parse("0033 612345678") == "+33612345678"
    assert is_mobile("+33612345678")


def test_a_neighbour_writes_eight_digits_too() -> None:
    assert parse("70 00 00 02", country="226") == "+22670000002"
    assert parse("+223 70 00 00 02", country="226") == "+22370000002"


@pytest.mark.parametrize(
    "landline", ["20 21 22 23", "21 26 12 34", "44 90 12 34", "40 01 23 45", "80 01 23 45"]
)
def test_a_landline_gets_no_sms(landline: str) -> None:
    assert not is_mobile(parse(landline))


def _is_mobile_for_phonenumbers(national: str) -> bool:
    number = phonenumbers.parse(national, "ML")
    return phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE


@given(st.from_regex(r"[24-9][0-9]{7}", fullmatch=True))
@example("20010000").via("the odd corners of the plan")
@example("20790000").via("the odd corners of the plan")
@example("21700000").via("the odd corners of the plan")
@example("54000000").via("just outside")
@example("81000000").via("just outside")
@example("86000000").via("just outside")
def test_mobiles_are_those_phonenumbers_knows(national: str) -> None:
    assert is_mobile(parse(national)) == _is_mobile_for_phonenumbers(national)


@given(st.from_regex(r"(7[0-9]|6[0-9]|9[0-9]|5[0-3]|8[2-59])[0-9]{6}", fullmatch=True), st.data())
def test_every_writing_phonenumbers_reads_as_a_mobile_we_read_alike(
    national: str, data: st.DataObject
) -> None:
    prefix = data.draw(st.sampled_from(["", "+223", "00223", "+223 ", "(+223) "]))
    separator = data.draw(st.sampled_from(["", " ", ".", "-", "/"]))
    written = prefix + separator.join(national[i : i + 2] for i in range(0, 8, 2))
    oracle = phonenumbers.format_number(
        phonenumbers.parse(written, "ML"), phonenumbers.PhoneNumberFormat.E164
    )
    assert parse(written) == oracle


@given(st.one_of(st.text(), st.text("+0123456789 .-()'")))
def test_whatever_is_written_is_refused_or_a_number_that_stays_itself(written: str) -> None:
    with suppress(NotANumber):
        number = parse(written)
        assert re.fullmatch(r"\+[1-9][0-9]{7,14}", number)
        assert parse(number) == number


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+22376123456", "+22376****56"),
        ("+2250506070809", "+22505****09"),
        ("+12345678", "+12****78"),
        ("Orange", "****"),
        ("", "****"),
    ],
)
def test_a_log_never_holds_a_whole_number(number: str, masked: str) -> None:
    assert mask(number) == masked


@given(st.from_regex(r"\+[1-9][0-9]{7,14}", fullmatch=True))
def test_a_masked_number_hides_four_digits_at_least(number: str) -> None:
    shown = mask(number).replace("*", "")
    assert len(number) - len(shown) >= 4
    assert mask(number).isascii()
