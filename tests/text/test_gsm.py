"""The alphabet against the printed table of TS 23.038, and messages cut as they are billed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.gsm import ALPHABET, Sms, decode, encode, fitting, is_gsm, segment, septets, ucs2_units

# The default table as the standard prints it: a row for each low half of a code, a column for each high.
PRINTED = (
    """\
@Δ 0¡P¿p
£_!1AQaq
$Φ"2BRbr
¥Γ#3CScs
èΛ¤4DTdt
éΩ%5EUeu
ùΠ&6FVfv
ìΨ'7GWgw
òΣ(8HXhx
ÇΘ)9IYiy
␊Ξ*:JZjz
Ø␛+;KÄkä
øÆ,<LÖlö
␍æ-=MÑmñ
Åß.>NÜnü
åÉ/?O§oà
""".replace("␊", "\n")
    .replace("␍", "\r")
    .replace("␛", "\x1b")
)
ROWS = [PRINTED[start : start + 8] for start in range(0, 16 * 9, 9)]
EXTENSION = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]"}
EXTENSION |= {0x40: "|", 0x65: "€"}

gsm_text = st.text(st.sampled_from(sorted(ALPHABET)))
wide_text = st.text(st.sampled_from("aé{€^}"))
any_text = st.text(st.characters())


@pytest.mark.parametrize("septet", range(0x80))
def test_each_septet_is_the_character_of_the_printed_table(septet: int) -> None:
    char = ROWS[septet & 0x0F][septet >> 4]
    if char == "\x1b":
        assert not is_gsm(char)
        return
    assert encode(char) == bytes([septet])
    assert decode(bytes([septet])) == char


@pytest.mark.parametrize(("septet", "char"), list(EXTENSION.items()))
def test_the_extension_table_costs_two(septet: int, char: str) -> None:
    assert encode(char) == bytes([0x1B, septet])
    assert decode(bytes([0x1B, septet])) == char
    assert septets(char) == 2


def test_the_alphabet_has_137_characters() -> None:
    assert len(ALPHABET) == 137


@pytest.mark.parametrize("char", "âçêëîïôœûÿÀÂÈÊËÎÏÔŒÙÛ«»’‘“”…–—\u00a0\u202f°№`ɛƐɔƆɲƝŋŊ\x1b\x00\t")
def test_these_are_not_gsm(char: str) -> None:
    assert not is_gsm(char)


@pytest.mark.parametrize(
    "text", ["", "à æ é è ù ü Æ Ç É Ü", "I ni sògòma", "1 Oui\n2 Non", "12 000 F (20 €)"]
)
def test_these_are_gsm(text: str) -> None:
    assert is_gsm(text)


@pytest.mark.parametrize(("text", "count"), [("", 0), ("abc", 3), ("€", 2), ("[a]", 5), ("été\n", 4)])
def test_septets_are_counted(text: str, count: int) -> None:
    assert septets(text) == count


def test_a_stranger_is_named_with_its_place() -> None:
    with pytest.raises(ValueError, match="'ê' at character 5 "):
        septets("[Où êtes-vous ?]")
    with pytest.raises(ValueError, match="'ɛ' at character 1 "):
        encode("ɛ")


@pytest.mark.parametrize(("text", "count"), [("", 0), ("ɛ", 1), ("€", 1), ("😀", 2), ("\ud83d", 1)])
def test_ucs2_counts_utf16_units(text: str, count: int) -> None:
    assert ucs2_units(text) == count


@pytest.mark.parametrize(
    ("unpacked", "text"),
    [(b"\x1b", " "), (b"\x1b\x1b", "  "), (b"a\x1b", "a "), (b"\x1ba", "a"), (b"\x1b\x1b\x65", " €")],
)
def test_an_escape_that_leads_nowhere_reads_as_on_a_phone(unpacked: bytes, text: str) -> None:
    assert decode(unpacked) == text


def test_a_byte_above_seven_bits_is_refused() -> None:
    with pytest.raises(ValueError, match="0x80"):
        decode(b"abc\x80")


@given(gsm_text)
def test_encoding_loses_nothing(text: str) -> None:
    assert decode(encode(text)) == text
    assert len(encode(text)) == septets(text)


@given(any_text)
def test_septets_can_be_counted_exactly_when_the_text_is_gsm(text: str) -> None:
    if is_gsm(text):
        assert septets(text) == sum(2 if char in EXTENSION.values() else 1 for char in text)
    else:
        with pytest.raises(ValueError, match="is not in the GSM alphabet"):
            septets(text)


@given(wide_text, st.integers(0, 12))
def test_what_fits_is_the_longest_that_fits(text: str, room: int) -> None:
    end = fitting(text, room, septets)
    assert septets(text[:end]) <= room
    assert end == len(text) or septets(text[: end + 1]) > room


@pytest.mark.parametrize(
    ("text", "bits", "sizes"),
    [
        ("", 8, [0]),
        ("a" * 160, 8, [160]),
        ("a" * 161, 8, [153, 8]),
        ("a" * 161, 16, [152, 9]),
        ("a" * 307, 8, [153, 153, 1]),
        ("€" * 80, 8, [160]),
        ("€" * 81, 8, [152, 10]),
        ("a" * 152 + "€" * 5, 8, [152, 10]),
        ("ɛ" * 70, 8, [70]),
        ("ɛ" * 71, 8, [67, 4]),
        ("ɛ" * 71, 16, [66, 5]),
        ("ɛ" * 66 + "😀" * 3, 8, [66, 6]),
        ("ɛ" * 65 + "😀" * 3, 16, [65, 6]),
    ],
)
def test_messages_are_cut_as_they_are_billed(text: str, bits: int, sizes: list[int]) -> None:
    sms = segment(text, 16 if bits == 16 else 8)
    size = septets if sms.encoding == "gsm7" else ucs2_units
    assert [size(part) for part in sms.parts] == sizes
    assert "".join(sms.parts) == text


def test_one_letter_of_bambara_makes_the_whole_message_ucs2() -> None:
    assert segment("I ni sògòma").encoding == "gsm7"
    assert segment("I ni sɔgɔma") == Sms("ucs2", ("I ni sɔgɔma",))


@given(st.one_of(wide_text, st.text("aɛ😀")).map(lambda text: text * 40), st.sampled_from([8, 16]))
def test_no_part_is_too_long_or_loses_anything(text: str, bits: int) -> None:
    sms = segment(text, 16 if bits == 16 else 8)
    gsm = sms.encoding == "gsm7"
    size, alone = (septets, 160) if gsm else (ucs2_units, 70)
    together = alone - (7 if gsm else 3) - bits // 16
    assert "".join(sms.parts) == text
    assert all(size(part) <= (alone if len(sms.parts) == 1 else together) for part in sms.parts)
    assert all(sms.parts) or sms.parts == ("",)
