"""Every parser with what nobody would write: made up, and what is shipped with a few bytes changed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.targets import TARGETS, seeds

CUTS = st.tuples(
    st.floats(0, 1),
    st.integers(0, 40),
    st.binary(max_size=12)
    | st.sampled_from(
        [
            b"&a ",
            b"*a",
            b'"',
            b"'",
            b"\n",
            b"  ",
            b"- ",
            b"{",
            b"}",
            b"[",
            b"\\U00110000",
            b"\xff",
            b"\x00",
            b"=",
            b";",
            b"9" * 40,
        ]
    ),
)


def changed(told: bytes, cuts: list[tuple[float, int, bytes]]) -> bytes:
    """Some bytes at some places replaced by others."""
    for where, gone, new in cuts:
        at = int(where * len(told))
        told = told[:at] + new + told[at + gone :]
    return told


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=400) | st.text(max_size=300).map(lambda text: text.encode(errors="replace")))
def test_anything(name: str, data: bytes) -> None:
    TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_is_shipped_with_a_few_bytes_changed(name: str, data: st.DataObject) -> None:
    told = data.draw(st.sampled_from(seeds(name)))
    TARGETS[name](changed(told[: 1 << 14], data.draw(st.lists(CUTS, min_size=1, max_size=4))))
