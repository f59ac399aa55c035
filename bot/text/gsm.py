"""The GSM 7-bit alphabet of 3GPP TS 23.038 §6.2.1; its law: septets are counted, never characters."""

import re
from collections.abc import Callable, Iterator
from typing import Literal

from msgspec import Struct

# A character's place in this string is its septet; ESC (0x1B) holds a place but is no character.
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESC = "\x1b"
_EXTENSION = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
_ONE_SEPTET = _BASIC.replace(_ESC, "")
ALPHABET = frozenset(_ONE_SEPTET) | frozenset(_EXTENSION)

# Regular expressions, because a screen is counted at every step: 1 µs for 160 characters.
_NARROW = re.compile(f"[{re.escape(_ONE_SEPTET)}]*")
_WIDE = re.compile(f"[{re.escape(''.join(_EXTENSION))}]")
OUTSIDE = re.compile(f"[^{re.escape(''.join(sorted(ALPHABET)))}]")

_TO_SEPTETS = str.maketrans(
    {char: chr(septet) for septet, char in enumerate(_BASIC)}
    | {char: _ESC + chr(septet) for char, septet in _EXTENSION.items()}
)
# A phone shows an ESC that leads nowhere as a space, an unknown pair as its second character (§6.2.1.1).
_FROM_SEPTETS = (
    {chr(septet): char for septet, char in enumerate(_BASIC)}
    | {_ESC + chr(septet): char for septet, char in enumerate(_BASIC)}
    | {_ESC + chr(septet): char for char, septet in _EXTENSION.items()}
    | {_ESC: " "}
)
_SEPTET = re.compile(f"{_ESC}?[^{_ESC}]|{_ESC}")


def is_gsm(text: str) -> bool:
    """Tell whether every phone can show it at seven bits a character."""
    return OUTSIDE.search(text) is None


def septets(text: str) -> int:
    """Count the text as sent, the extension table's ^{}[]~|€ as two; ValueError names what is in no table."""
    if _NARROW.fullmatch(text):
        return len(text)
    stranger = OUTSIDE.search(text)
    if stranger:
        raise ValueError(f"{stranger[0]!r} at character {stranger.start() + 1} is not in the GSM alphabet")
    return len(text) + len(_WIDE.findall(text))


def ucs2_units(text: str) -> int:
    """Count the text as UCS-2 messages are billed, in UTF-16 code units: an emoji takes two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def encode(text: str) -> bytes:
    """One septet a byte, unpacked; ValueError as for `septets`."""
    septets(text)
    return text.translate(_TO_SEPTETS).encode("ascii")


def decode(unpacked: bytes) -> str:
    """Read what a phone would show for these septets; ValueError for a byte above 0x7F."""
    return "".join(_FROM_SEPTETS[septet] for septet in _SEPTET.findall(unpacked.decode("ascii")))


class Sms(Struct, frozen=True):
    """One message as it is billed: so many parts of one encoding."""

    encoding: Literal["gsm7", "ucs2"]
    parts: tuple[str, ...]


def fitting(text: str, room: int, size: Callable[[str], int]) -> int:
    """Count the leading characters that fit a room measured by `septets` or `ucs2_units`."""
    end = min(len(text), room)
    # No character takes more than two units, so half the excess must go in any case.
    while (excess := size(text[:end]) - room) > 0:
        end -= (excess + 1) // 2
    return end


def segment(text: str, reference_bits: Literal[8, 16] = 8) -> Sms:
    """Cut at 140 octets; at 6 less, or 7 with a 16-bit reference, if there are more (TS 23.040 §9.2.3.24)."""
    long_reference = reference_bits == 16
    if is_gsm(text):
        return Sms("gsm7", tuple(_parts(text, septets, 160, 152 if long_reference else 153)))
    return Sms("ucs2", tuple(_parts(text, ucs2_units, 70, 66 if long_reference else 67)))


def _parts(text: str, size: Callable[[str], int], alone: int, in_company: int) -> Iterator[str]:
    room = alone if size(text) <= alone else in_company
    while len(text) > (end := fitting(text, room, size)):
        yield text[:end]
        text = text[end:]
    yield text
