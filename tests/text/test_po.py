"""PO files as translators and their tools leave them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.po import CatalogError, Entry, previous, read, write

POEDIT = """\
# Bambara of Kunnafoni
msgid ""
msgstr ""
"Language: bm\\n"
"PO-Revision-Date: never\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

# needs-review: composed
#. shown after a stock-out
#: flows/stock.yaml:12
#, fuzzy, python-brace-format
#| msgctxt "stock.days"
#| msgid ""
#| "{product} : rupture "
#| "depuis quand ?"
msgctxt "stock.days"
msgid "{product} : rupture depuis combien de jours ?"
msgstr ""
"{product} banna, \\"tile\\" "
"joli ?\\n"
"\\tA\\\\B"
#~ msgctxt "old"
#~| msgid "Ancien"
#~ msgid "Vieux"
#~ msgstr "Kɔrɔ"
"""


def test_all_that_a_translator_wrote_is_read() -> None:
    header, entry = read(POEDIT)
    assert header.comments == ("# Bambara of Kunnafoni",)
    assert (header.context, header.id) == (None, "")
    assert entry == Entry(
        context="stock.days",
        id="{product} : rupture depuis combien de jours ?",
        text='{product} banna, "tile" joli ?\n\tA\\B',
        fuzzy=True,
        comments=("# needs-review: composed", "#. shown after a stock-out"),
        previous=(
            '#| msgctxt "stock.days"',
            '#| msgid ""',
            '#| "{product} : rupture "',
            '#| "depuis quand ?"',
        ),
        line=17,
    )


def test_an_entry_is_written_as_gettext_writes_it() -> None:
    entry = Entry("k", "Où ?", 'Min "yen"\n?', fuzzy=True, comments=("# moi",), previous=previous("Quand ?"))
    assert write(entry, "python-brace-format") == (
        '# moi\n#, fuzzy, python-brace-format\n#| msgid "Quand ?"\n'
        'msgctxt "k"\nmsgid "Où ?"\nmsgstr ""\n"Min \\"yen\\"\\n"\n"?"\n'
    )
    assert write(Entry(None, "k", "")) == 'msgid "k"\nmsgstr ""\n'


@pytest.mark.parametrize("po", ["", "\n\n", "\ufeff"])
def test_an_empty_file_has_no_entries(po: str) -> None:
    assert read(po) == []


def test_bytes_windows_lines_and_byte_order_marks_are_read() -> None:
    assert read('msgid "é"\r\nmsgstr "è"\r\n'.encode("utf-8-sig")) == [Entry(None, "é", "è", line=1)]


@pytest.mark.parametrize(
    ("po", "line", "problem"),
    [
        ('msgid "a"\nmsgstr "b\n', 2, 'this is no PO: msgstr "b'),
        ('msgid "a"\nmsgstr b"\n', 2, 'this is no PO: msgstr b"'),
        ('msgid "a"\nmsgstr "b"c"\n', 2, "this is no PO"),
        ('msgid "a"\nmsgstr "\\x41"\n', 2, "this is no PO"),
        ('msgid "a"\nmsgid_plural "as"\nmsgstr[0] "b"\n', 2, "this is no PO: msgid_plural"),
        ("stock.quantity = Combien ?\n", 1, "this is no PO: stock.quantity"),
        ('msgstr "b"\n', 1, "msgstr cannot follow nothing"),
        ('msgid "a"\nmsgstr "b"\nmsgstr "c"\n', 3, "msgstr cannot follow msgstr"),
        ('msgid "a"\nmsgid "b"\n', 2, "msgid cannot follow msgid"),
        ('msgctxt "a"\nmsgctxt "b"\n', 2, "msgctxt cannot follow msgctxt"),
        ('msgid "a"\n# between\nmsgstr "b"\n', 1, "missing msgstr for msgid 'a'"),
        ('\n"alone"\n', 2, 'Got line starting with " but not in msgid'),
        ('msgid "a"\nmsgstr "b"\n\nmsgctxt "c"', 4, "the file ends after msgctxt"),
        ('msgid "a"', 1, "the file ends after msgid"),
        (b'msgid "a"\nmsgstr "\xe9"\n', 2, "the file must be saved as UTF-8"),
    ],
)
def test_what_is_no_po_is_named_with_its_line(po: str | bytes, line: int, problem: str) -> None:
    with pytest.raises(CatalogError) as caught:
        read(po)
    assert caught.value.line == line
    assert caught.value.message.startswith(problem)
    assert str(caught.value) == f"line {line}: {caught.value.message}"


anything = st.text(st.characters(exclude_categories=["Cs"]))
comments = st.lists(st.sampled_from(["# vu par Awa", "# needs-review", "#. pour la DTC"]), unique=True)


@given(anything, anything, anything, st.booleans(), comments.map(sorted))
def test_what_is_written_is_read_again(
    context: str, id_: str, text: str, fuzzy: bool, comments: list[str]
) -> None:
    by_hand_first = tuple(sorted(comments, key=lambda comment: comment.startswith("#.")))
    entry = Entry(context, id_, text, fuzzy, by_hand_first, previous(text))
    (again,) = read(write(entry))
    assert again == Entry(context, id_, text, fuzzy, by_hand_first, previous(text), again.line)
    assert write(again) == write(entry)
