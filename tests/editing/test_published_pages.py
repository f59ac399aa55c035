"""A draft on its way: published, undone, taken back, asked for by one and published by another; files out and in."""

import io
from zipfile import ZipFile

from bot.house import House
from tests.editing.editor import Editor, said, stock


async def test_a_draft_is_published_undone_given_up_and_taken_back(editor: Editor, house: House) -> None:
    await editor.sends("/words/stock.thanks", **{"text.fr.stock.thanks": "Noté : {report}."})
    page = await editor.reads("/draft")
    assert "Stock enregistré : {report}. Merci." in page.text
    assert "conversations d’essai sur" in page.text
    page = await editor.sends("/draft/publish", comment="")
    assert "Dites pourquoi" in page.text
    page = await editor.sends("/draft/publish", comment="plus court")
    assert (page.at, "plus court" in page.text) == ("/admin/releases", True)
    await editor.sends("/words/stock.thanks", **{"text.fr.stock.thanks": "Merci : {report}."})
    await editor.sends("/draft/undo", back="/words")
    assert await said(house, "fr", "stock.thanks") == "Noté : {report}."
    await editor.sends("/draft/discard")
    assert not (await house.editing.open()).begun
    assert "Noté : {report}." in (await editor.reads("/releases/2")).text
    page = await editor.sends("/releases/1/back")
    assert "Retour à la publication 1" in page.text
    assert (await editor.sends("/releases/1/back")).status == 422
    deeds = [note.what async for note in house.audit.newest()]
    assert {"flow.publish", "flow.undo", "flow.discard", "flow.roll_back", "words.change"} <= set(deeds)


async def test_a_draft_catches_up_with_what_was_published_meanwhile(editor: Editor) -> None:
    await editor.sends("/words/stock.thanks", **{"text.fr.stock.thanks": "Noté : {report}."})
    await editor.sends("/draft/publish", comment="un")
    for text in ("Voilà : {report}.", "Reçu : {report}."):
        await editor.sends("/words/stock.thanks", **{"text.fr.stock.thanks": text})
        await editor.sends("/releases/1/back" if "Voilà" in text else "/releases/2/back")
        assert "sortie après le début" in (await editor.reads("/draft")).text
        page = await editor.sends("/draft/catch-up")
        assert page.status == 200
    assert "fr: stock.thanks" in page.text


async def test_files_go_out_and_come_in(editor: Editor, house: House) -> None:
    before = (await house.editing.open()).draft.source
    async with editor.client.get(f"{editor.url}/admin/flows.zip", headers=editor._headers()) as response:
        content = await response.read()
    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("flows/stock.yaml").decode() == before.flows["flows/stock.yaml"]
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("depot/flows/stock.yaml", before.flows["flows/stock.yaml"] + "# relu\n")
        archive.writestr("lisez-moi.txt", "rien")
    page = await editor.sends("/flows.zip", file=out.getvalue())
    assert "textes changés, 0 ; parcours changés, 1" in page.text
    assert "lisez-moi.txt" in page.text
    assert (await stock(house)).endswith("# relu\n")
    assert "ne peut pas être lu" in (await editor.sends("/flows.zip", file=b"rien")).text
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("bm.po", before.words["bm"] + "msgid nothing")
    page = await editor.sends("/flows.zip", file=out.getvalue())
    assert (page.status, "bm.po, ligne " in page.text) == (422, True)


async def test_a_translation_comes_back_and_what_it_changes_is_told(editor: Editor, house: House) -> None:
    po = (await editor.reads("/words/files/bm.po")).text
    better = po.replace('msgstr "Wɛrɛ"', 'msgstr "Tɔ wɛrɛ"')
    page = await editor.sends("/words/files", language="bm", reviewed="1", file=better.encode("utf-8-sig"))
    assert "Tɔ wɛrɛ" in page.text
    assert await said(house, "bm", "common.more") == "Tɔ wɛrɛ"
    assert "Relu par Awa Diarra" in (await editor.reads("/words/common.more")).text
    for content, words in (
        (better.encode(), "ne change rien"),
        (b"", "ne change rien"),
        (b"\xff\xfe", "UTF-8"),
        (b"msgid nothing", "bm.po, ligne 1"),
    ):
        page = await editor.sends("/words/files", language="bm", file=content)
        assert (page.status, words in page.text) == (422, True)


async def test_one_asks_and_another_publishes(editor: Editor, house: House) -> None:
    house.editing.two_people = True
    other = await Editor(house, editor.client, editor.url).signs_in("Issa")
    await editor.sends("/words/stock.thanks", **{"text.fr.stock.thanks": "Noté : {report}."})
    page = await editor.reads("/draft")
    assert ("Demander la publication" in page.text, "Publier maintenant" in page.text) == (True, False)
    assert "autre personne doit le publier" in (await editor.sends("/draft/publish", comment="moi")).text
    assert "Dites pourquoi" in (await editor.sends("/draft/ask", comment=" ")).text
    page = await editor.sends("/draft/ask", comment="plus court")
    assert "une autre personne peut publier" in page.text
    assert "Awa Diarra demande la publication : « plus court »" in (await other.reads("/flows")).text
    page = await other.reads("/draft")
    assert ("Publier maintenant" in page.text, 'value="plus court"' in page.text) == (True, True)
    page = await other.sends("/draft/publish", comment="plus court")
    assert (page.at, house.releases.current) == ("/admin/releases", 2)
