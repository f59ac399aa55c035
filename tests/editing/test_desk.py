"""Two editors at one desk: what one saved the other is told, and what was published can be taken back."""

import asyncio
import io
from collections.abc import Callable
from contextlib import suppress
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZipFile

import pytest
from msgspec.structs import replace

from bot.app import prepare
from bot.flow.release import Release, Source
from bot.house import House
from bot.services.editing import steps
from bot.services.editing.desk import Change, Overtaken, Unready
from bot.services.editing.folder import MOST, laid_in, unzipped, zipped
from bot.services.editing.impossible import Impossible
from bot.services.editing.words import Saying, say
from tests.calls import Phone

STOCK = "flows/stock.yaml"
ASC = "+22370000001"


def saying(key: str, **texts: str) -> Change:
    return lambda source: replace(source, words=say(source.words, Saying(key, texts)))


def flow(edit: Callable[[str], str], file: str = STOCK) -> Change:
    return lambda source: replace(source, flows={**source.flows, file: edit(source.flows[file])})


THANKS = saying("stock.thanks", fr="Bien noté : {report}.", bm="A sɛbɛnna : {report}.")


async def test_a_draft_begins_from_what_is_published(house: House) -> None:
    opened = await house.editing.open()
    assert (opened.version, opened.begun, opened.draft.base) == (0, False, 1)
    saved = await house.editing.change(0, "awa", "words", THANKS)
    assert (saved.version, saved.draft.by, saved.draft.editors) == (1, "awa", ("awa",))
    assert await house.editing.open() == saved


async def test_a_change_that_changes_nothing_is_no_draft(house: House) -> None:
    assert not (await house.editing.change(0, "awa", "words", lambda source: source)).begun


async def test_the_second_of_two_editors_is_told_who_was_first(house: House) -> None:
    saves = await asyncio.gather(
        house.editing.change(0, "awa", "words", THANKS),
        house.editing.change(0, "issa", "words", saying("stock.changed", fr="Noté.")),
        return_exceptions=True,
    )
    (told,) = [save for save in saves if isinstance(save, Overtaken)]
    now = await house.editing.open()
    assert (now.version, told.now) == (1, now)
    with pytest.raises(Overtaken) as late:
        await house.editing.change(0, "fanta", "words", THANKS)
    assert str(late.value) == f"version 1 was saved by {now.draft.by}"


async def test_what_was_done_last_is_undone(house: House, shipped: Source) -> None:
    await house.editing.change(0, "awa", "words", THANKS)
    await house.editing.change(1, "awa", "words", saying("stock.changed", fr="Noté."))
    undone = await house.editing.undo(2, "awa")
    assert undone.draft.source == THANKS(shipped)
    await house.editing.discard(3)
    with pytest.raises(Impossible):
        await house.editing.undo(4, "awa")


async def test_the_first_change_undone_is_what_is_published(house: House, shipped: Source) -> None:
    await house.editing.change(0, "awa", "words", THANKS)
    assert (await house.editing.undo(1, "awa")).draft.source == shipped


async def test_publishing_changes_what_callers_hear_and_is_remembered(house: House, phone: Phone) -> None:
    await house.editing.change(0, "awa", "words", saying("menu.choose", fr="Que voulez-vous faire ?"))
    assert await house.editing.publish(1, "issa", " plus clair ") == 2
    assert "Que voulez-vous faire ?" in await phone.dials()
    latest, first = await house.editing.history()
    assert (latest.number, latest.by, latest.comment) == (2, "issa", "plus clair")
    assert first.by == "files"
    assert first.number == 1
    assert not (await house.editing.open()).begun


async def test_a_call_under_way_goes_on_as_it_began_and_is_counted(house: House, phone: Phone) -> None:
    await phone.dials()
    await phone.types("2")
    await phone.types("2")
    await house.gateway.settle()
    await house.editing.change(0, "awa", "words", saying("stock.quantity", fr="Encore combien de {item} ?"))
    await house.editing.publish(1, "awa", "plus court")
    assert await house.running.by_release() == {1: 1}
    assert "combien en reste-t-il" in await phone.types("5")


async def test_a_former_release_is_published_again(house: House, shipped: Source) -> None:
    await house.editing.change(0, "awa", "words", THANKS)
    await house.editing.publish(1, "awa", "mieux")
    assert await house.editing.roll_back(1, "issa", "c'était mieux avant") == 3
    assert house.releases.current == 3
    assert house.releases.find(3).source == shipped
    for number, key in ((9, "no_release"), (1, "same_release")):
        with pytest.raises(Impossible) as refused:
            await house.editing.roll_back(number, "issa", "encore")
        assert refused.value.key == key


async def test_a_draft_with_an_error_is_not_published(house: House) -> None:
    await house.editing.change(0, "awa", "step", flow(lambda text: steps.add(text, "lost", {})))
    with pytest.raises(Unready) as refused:
        await house.editing.publish(1, "awa", "essai")
    assert "`lost` is never reached" in str(refused.value)
    await house.editing.change(1, "awa", "yaml", flow(lambda text: text + "  :broken"))
    assert not (await house.editing.look_over(await house.editing.open())).ready


async def test_publishing_wants_a_reason_and_if_so_set_another_person(house: House) -> None:
    await house.editing.change(0, "awa", "words", THANKS)
    with pytest.raises(Impossible):
        await house.editing.publish(1, "awa", " ")
    house.editing.two_people = True
    with pytest.raises(Impossible) as refused:
        await house.editing.publish(1, "awa", "mieux")
    assert refused.value.key == "another_person"
    assert await house.editing.publish(1, "issa", "relu") == 2


async def test_who_wrote_a_draft_asks_for_it_to_be_published_and_a_change_takes_that_back(
    house: House,
) -> None:
    with pytest.raises(Impossible):
        await house.editing.ask(0, "awa", "plus court")
    await house.editing.change(0, "awa", "words", THANKS)
    with pytest.raises(Impossible):
        await house.editing.ask(1, "awa", " ")
    opened = await house.editing.ask(1, "awa", "plus court")
    assert (opened.draft.asked_by, opened.draft.asked) == ("awa", "plus court")
    with pytest.raises(Overtaken):
        await house.editing.ask(1, "issa", "moi aussi")
    changed = await house.editing.change(2, "awa", "words", saying("stock.changed", fr="C'est corrigé."))
    assert changed.draft.asked_by == ""
    await house.editing.ask(3, "awa", "les deux")
    undone = await house.editing.undo(4, "awa")
    assert undone.draft.source == opened.draft.source


async def test_a_draft_of_a_former_release_catches_up_first(house: House) -> None:
    await house.editing.change(0, "awa", "words", THANKS)
    await house.editing.publish(1, "awa", "mieux")
    await house.editing.change(2, "issa", "words", saying("stock.changed", fr="C'est corrigé."))
    await house.editing.roll_back(1, "awa", "non")
    with pytest.raises(Impossible) as refused:
        await house.editing.publish(3, "issa", "mieux")
    assert refused.value.key == "published_meanwhile"
    opened, both = await house.editing.catch_up(3, "issa")
    assert (opened.draft.base, both) == (3, ())
    found = await house.editing.look_over(opened)
    assert {change.key for change in found.differences.words if change.language == "fr"} == {"stock.changed"}
    assert await house.editing.publish(4, "issa", "mieux") == 4


async def test_who_undoes_having_caught_up_takes_back_nothing_of_anothers(house: House) -> None:
    """What was published meanwhile is not in the draft any more, so the draft must not be published upon it."""
    await house.editing.change(0, "awa", "words", THANKS)
    await house.editing.publish(1, "awa", "mieux")
    await house.editing.change(2, "issa", "words", saying("stock.changed", fr="C'est corrigé."))
    await house.editing.roll_back(1, "awa", "non")
    await house.editing.catch_up(3, "issa")
    assert (await house.editing.undo(4, "issa")).draft.base == 2
    with pytest.raises(Impossible) as refused:
        await house.editing.publish(5, "issa", "mieux")
    assert refused.value.key == "published_meanwhile"
    opened, _ = await house.editing.catch_up(5, "issa")
    found = await house.editing.look_over(opened)
    assert {change.key for change in found.differences.words if change.language == "fr"} == {"stock.changed"}


async def test_what_a_draft_would_do_is_told(house: House) -> None:
    longer = saying("stock.thanks", fr="Stock enregistré. " * 9 + "{report}")
    opened = await house.editing.change(0, "awa", "words", longer)
    found = await house.editing.look_over(opened)
    assert any("`stock.thanks` takes" in problem.message for problem in found.errors)
    opened = await house.editing.change(1, "awa", "words", THANKS)
    found = await house.editing.look_over(opened)
    assert found.ready
    assert found.unreviewed == (("bm", "stock.thanks"),)
    assert any(course.changed for course in found.courses)
    assert await house.editing.look_over(opened) is found


async def test_the_folder_is_published_again_only_when_it_has_changed(house: House, shipped: Source) -> None:
    await house.editing.change(0, "awa", "words", THANKS)
    await house.editing.publish(1, "awa", "mieux")
    await prepare(house, shipped, with_demo=False)
    assert house.releases.current == 2
    newer = saying("stock.thanks", fr="Merci. {report}")(
        saying("stock.changed", fr="C'est corrigé.")(shipped)
    )
    await prepare(house, newer, with_demo=False)
    words = house.releases.find(3).words
    assert words.say("fr", "stock.changed") == "C'est corrigé."
    assert words.say("fr", "stock.thanks", {"report": "SRO 2"}) == "Bien noté : SRO 2."
    await prepare(house, newer, with_demo=False)
    assert house.releases.current == 3


async def test_files_that_do_not_go_with_the_console_s_are_not_taken(house: House, shipped: Source) -> None:
    kept = {file: text for file, text in shipped.flows.items() if file != "flows/payment.yaml"}
    release = Release(replace(shipped, flows=kept))
    assert await house.releases.publish_upon(1, release, house.clock(), "awa", "plus de salaire")
    calling = "flow: more\nstart: go\ngo:\n  call: payment\n  then: over\nover: end\n"
    newer = saying("more.over", fr="Fini.")(
        replace(shipped, flows={**shipped.flows, "flows/more.yaml": calling})
    )
    await prepare(house, newer, with_demo=False)
    assert house.releases.current == 2


def test_files_are_taken_out_and_in_again(shipped: Source) -> None:
    changed = THANKS(shipped)
    assert zipped(shipped) == zipped(shipped)
    assert laid_in(shipped, unzipped(zipped(changed))) == changed
    whole = zipped(shipped)
    locked = whole.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")
    assert locked != whole
    for content, key in ((b"no zip", "not_a_zip"), (locked, "not_a_zip"), (whole, "nothing_new_in_zip")):
        with pytest.raises(Impossible) as refused:
            laid_in(shipped, unzipped(content))
        assert refused.value.key == key


def test_a_zip_that_was_changed_on_its_way_is_refused_or_read(shipped: Source) -> None:
    small = Source({"flows/menu.yaml": shipped.flows["flows/menu.yaml"]}, {})
    for method in (ZIP_DEFLATED, ZIP_BZIP2, ZIP_LZMA):
        out = io.BytesIO()
        with ZipFile(out, "w", method) as archive:
            archive.writestr("menu.yaml", small.flows["flows/menu.yaml"] + "# more")
        whole = out.getvalue()
        for at in range(len(whole)):
            with suppress(Impossible):
                laid_in(small, unzipped(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]))


def test_a_zip_brings_no_name_that_leads_elsewhere(shipped: Source) -> None:
    names = (
        "../../up.yaml",
        "..\\up.yaml",
        "a b.yaml",
        "\x1b.yaml",
        "../fr\n.po",
        "C:x.po",
        "é.yaml",
        ".yaml",
    )
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        for name in (*names, "/etc/new.yaml"):
            archive.writestr(name, "flow: new")
    found = unzipped(out.getvalue())
    taken = laid_in(shipped, found)
    assert taken.flows.keys() - shipped.flows.keys() == {"flows/up.yaml", "flows/new.yaml"}
    assert taken.words == shipped.words
    assert found.left_out == ("a b.yaml", "\x1b.yaml", "../fr\n.po", "C:x.po", "é.yaml")


def test_what_else_a_computer_puts_into_a_zip_is_not_read(shipped: Source) -> None:
    changed = THANKS(shipped)
    out = io.BytesIO(zipped(changed))
    with ZipFile(out, "a") as archive:
        for name in ("__MACOSX/flows/._stock.yaml", "flows/.DS_Store", "picture.png"):
            archive.writestr(name, b"\x89\x00\xff")
        archive.writestr("flows\\new.yaml", "flow: new")
    found = unzipped(out.getvalue())
    assert found.left_out == ("picture.png",)
    assert found.flows["flows/new.yaml"] == "flow: new"
    assert laid_in(shipped, found).words == changed.words


def test_a_zip_that_swells_is_not_read() -> None:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("a.yaml", "x" * (MOST + 1))
    with pytest.raises(Impossible) as refused:
        unzipped(out.getvalue())
    assert refused.value.key == "zip_too_big"
