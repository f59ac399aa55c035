"""The pages of flows and words, as forms are filled in; what scripts add is for tests/browser."""

import pytest

from bot.house import House
from bot.services.editing.steps import names, settings
from tests.editing.editor import Editor, said, stock

LIGHT = 150_000
STOCK = "/flows/stock"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/flows", "Ma journée"),
        (STOCK, "Avez-vous recu des produits"),
        (f"{STOCK}/phone?t=2", "SRO : combien en reste-t-il"),
        (f"{STOCK}/picture", "<svg"),
        (f"{STOCK}/text", "keep_correction:"),
        (f"{STOCK}/steps/again", "Corriger un produit"),
        ("/flows/menu", "Menu des parcours"),
        ("/draft", "Pas de brouillon"),
        ("/releases", "les fichiers du programme"),
        ("/releases/1", "La première publication"),
        ("/words?q=merci", "stock.thanks"),
        ("/words?state=unreviewed", "À relire"),
        ("/words?format=csv", "stock.thanks"),
        ("/words/stock.thanks", "stock.thanks"),
        ("/words/files/bm.po", "msgctxt"),
        ("/card", "Fiɲɛbana"),
        ("/card/file", "@page { size: 105mm 148mm"),
    ],
)
async def test_every_page_is_read_by_a_viewer_and_light(editor: Editor, path: str, words: str) -> None:
    viewer = await Editor(editor.house, editor.client, editor.url).signs_in("Issa", "viewer")
    page = await viewer.reads(path)
    assert (page.status, words in page.text) == (200, True)
    assert len(page.text.encode()) < LIGHT


@pytest.mark.parametrize(
    "path",
    [
        "/flows/no",
        "/flows/no/text",
        "/flows/no/phone",
        "/flows/no/picture",
        f"{STOCK}/steps/no",
        "/releases/9",
        "/releases/x",
        "/words/no.key",
        "/words/files/xx.po",
    ],
)
async def test_what_is_not_there_is_said_so(editor: Editor, path: str) -> None:
    assert (await editor.reads(path)).status == 404


@pytest.mark.parametrize(("role", "area"), [("viewer", ""), ("editor", "ML/SEG")])
async def test_who_may_only_read_or_has_one_area_changes_nothing(
    editor: Editor, role: str, area: str
) -> None:
    other = await Editor(editor.house, editor.client, editor.url).signs_in("Issa", role, area)  # type: ignore[arg-type]
    assert (await other.sends(f"{STOCK}/steps/thanks", **{"text.fr.stock.thanks": "Non"})).status == 403
    assert not (await editor.house.editing.open()).begun


async def test_words_are_changed_in_both_languages(editor: Editor, house: House) -> None:
    page = await editor.sends(
        f"{STOCK}/steps/thanks",
        **{
            "text.fr.stock.thanks": "Noté : {report}.",
            "text.bm.stock.thanks": "A sɛbɛnna : {report}.",
            "reviewed": "1",
        },
    )
    assert (page.at, "Enregistré dans le brouillon" in page.text) == ("/admin/flows/stock", True)
    assert await said(house, "bm", "stock.thanks") == "A sɛbɛnna : {report}."
    assert "# reviewed: Awa Diarra" in (await house.editing.open()).draft.source.words["bm"]
    assert "Awa Diarra" in (await editor.reads("/words/stock.thanks")).text


async def test_a_last_screen_that_is_too_long_is_refused_and_kept_in_the_form(
    editor: Editor, house: House
) -> None:
    long = "Votre stock est bien enregistré. " * 6 + "{report}"
    page = await editor.sends(f"{STOCK}/steps/thanks", **{"text.fr.stock.thanks": long})
    assert (page.status, "Trop long pour un écran" in page.text, long in page.text) == (422, True, True)
    assert not (await house.editing.open()).begun


async def test_a_question_is_put_into_the_way_and_its_answers_made(editor: Editor, house: House) -> None:
    words = {"text.fr": "Combien de boîtes abîmées ?", "text.bm": "Buwati tiɲɛnen joli?"}
    await editor.sends(f"{STOCK}/steps", kind="number", after="receipt", **words)
    text = await stock(house)
    assert settings(text, "receipt")["then"] == "combien_boites_abimees"
    assert settings(text, "combien_boites_abimees") == {"ask": "number", "between": "0..99", "then": "boxes"}
    step = f"{STOCK}/steps/combien_boites_abimees"
    await editor.sends(
        step, **{"set.between": "0..20", "new_answer": "0", "new_lead": "boxes", "lead.else": "boxes"}
    )
    await editor.sends(f"{step}/rename", name="damaged")
    await editor.sends(f"{STOCK}/steps/damaged/move", by="down")
    await editor.sends(f"{STOCK}/steps/damaged/question", ask="choice")
    damaged = f"{STOCK}/steps/damaged"
    await editor.sends(f"{damaged}/options", **{"text.fr": "Une caisse entière", "to": "nothing"})
    await editor.sends(f"{damaged}/options/une_caisse_entiere/move", by="up")
    page = await editor.sends(f"{damaged}/options/option_1/delete")
    assert (page.status, "Pas encore de texte" in (await editor.reads(STOCK)).text) == (200, True)
    await editor.sends(damaged, **{"text.fr.stock.damaged.option_2": "Rien", "lead.option_2": "boxes"})
    given = settings(await stock(house), "damaged")
    assert given["among"] == ["une_caisse_entiere", "option_2"]
    assert given["as"] == "combien_boites_abimees"
    assert await said(house, "bm", "stock.damaged") == "Buwati tiɲɛnen joli?"
    assert (await editor.reads(STOCK)).text.count(
        "Une caisse entière"
    ) == 3  # two screens, and where it leads
    page = await editor.sends(f"{damaged}/delete")
    assert "mène encore à « damaged »" in page.text
    await editor.sends(f"{damaged}/delete", instead="boxes")
    assert "damaged" not in names(await stock(house))
    assert "stock.damaged" not in (await house.editing.open()).draft.source.words["fr"]


@pytest.mark.parametrize(
    ("path", "fields", "words"),
    [
        (
            f"{STOCK}/steps",
            {"kind": "number", "after": "quantity", "text.fr": "Combien ?"},
            "plusieurs endroits",
        ),
        (f"{STOCK}/steps", {"kind": "end", "text.fr": "?"}, "Donnez un nom court"),
        (f"{STOCK}/steps", {"kind": "end", "name": "Fin", "text.fr": "Fin"}, "« Fin » n’est pas un nom"),
        (f"{STOCK}/steps/thanks", {"text.bm.stock.thanks": "{nom}"}, "mêmes accolades"),
        ("/flows", {"name": "stock"}, "existe déjà"),
        ("/flows", {"name": "Visite"}, "pas un nom"),
        ("/flows", {"name": "visite", "menu": "x"}, "un nombre"),
        ("/flows/none/delete", {"x": ""}, "pas de parcours"),
    ],
)
async def test_what_cannot_be_done_is_said_and_nothing_is_saved(
    editor: Editor, house: House, path: str, fields: dict[str, str], words: str
) -> None:
    page = await editor.sends(path, **fields)
    assert (page.status, words in page.text) == (422, True)
    assert not (await house.editing.open()).begun


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (f"{STOCK}/steps", {"kind": "riddle"}),
        (f"{STOCK}/steps/again/question", {"ask": "riddle"}),
        ("/words/files", {"language": "xx"}),
    ],
)
async def test_a_form_that_is_not_ours_is_refused(editor: Editor, path: str, fields: dict[str, str]) -> None:
    assert (await editor.sends(path, **fields)).status == 400


async def test_a_form_made_from_no_version_is_refused(editor: Editor) -> None:
    assert (await editor.sends("/draft/undo", seen=-1)).status == 400


async def test_a_flow_is_made_and_taken_away(editor: Editor, house: House) -> None:
    page = await editor.sends("/flows", name="visite", menu="9", **{"text.fr": "Visite", "text.bm": "Taama"})
    assert page.at == "/admin/flows/visite"
    assert "visite.thanks" in (await editor.reads("/draft")).text
    await editor.sends("/flows/visite/delete")
    draft = (await house.editing.open()).draft.source
    assert "flows/visite.yaml" not in draft.flows
    assert "visite.menu" not in draft.words["fr"]


async def test_the_text_of_a_flow_shows_its_problems_on_their_lines(editor: Editor, house: House) -> None:
    text = (await stock(house)).replace("  then: thanks\n\nquantity", "  then: nowhere\n\nquantity")
    page = await editor.sends(f"{STOCK}/text", text=text.replace("\n", "\r\n"))
    assert "Il n’y a pas d’étape « nowhere »" in page.text
    assert await stock(house) == text
    # Nothing can be drawn now; every page still answers, and leads to what is wrong.
    for path in ("/flows", STOCK, "/flows/alert", f"{STOCK}/steps/again", "/draft", "/words"):
        page = await editor.reads(path)
        assert page.status == 200
    for path in (f"{STOCK}/phone", f"{STOCK}/picture"):
        assert (await editor.reads(path)).status == 404
    assert (await editor.reads("/flows/none")).status == 200
    page = await editor.sends("/draft/publish", comment="essai")
    assert (page.status, "ne peut pas encore être publié" in page.text) == (422, True)


async def test_the_second_editor_keeps_what_she_wrote(editor: Editor, house: House) -> None:
    await editor.sends(f"{STOCK}/steps/changed", **{"text.fr.stock.changed": "C'est changé."})
    page = await editor.sends(
        f"{STOCK}/steps/thanks", seen=0, **{"text.fr.stock.thanks": "Bien reçu. {report}"}
    )
    assert page.status == 409
    assert "Awa Diarra a enregistré le brouillon" in page.text
    assert "Bien reçu. {report}" in page.text
    assert await said(house, "fr", "stock.thanks") != "Bien reçu. {report}"


@pytest.mark.parametrize("path", [f"{STOCK}/steps/thanks", "/words/stock.thanks"])
async def test_words_that_cannot_be_kept_stay_in_their_form(editor: Editor, house: House, path: str) -> None:
    texts = {"text.fr.stock.thanks": "Noté : {rapport}, merci.", "text.bm.stock.thanks": "{report}"}
    page = await editor.sends(path, **texts)
    assert (page.status, "Noté : {rapport}, merci." in page.text) == (422, True)
    assert "dans la traduction (Bambara). Rien n’a été enregistré." in page.text
    assert not (await house.editing.open()).begun


async def test_words_are_vouched_for_as_they_are(editor: Editor, house: House) -> None:
    before = (await editor.reads("/words/common.more")).text
    assert "À relire" in before
    await editor.sends("/words/common.more", reviewed="1")
    assert "Relu par Awa Diarra" in (await editor.reads("/words/common.more")).text


async def test_the_phone_begins_at_the_step_beside_it(editor: Editor) -> None:
    page = await editor.reads(f"{STOCK}/steps/days_out")
    phone = page.text.partition('id="phone"')[2]
    assert "<code>stock.days_out</code>" in phone
    assert "<kbd>1</kbd> <kbd>0</kbd>" in phone
    assert "Depuis le début" in phone
    page = await editor.reads(f"{STOCK}/steps/days_out?at=&t=2")
    assert "<code>stock.quantity</code>" in page.text
    assert "Essayer d’ici" in page.text.partition('id="phone"')[2]
    assert "Aucune réponse d’essai ne mène" in (await editor.reads("/flows/training/steps/newborn")).text
    tried = await editor.sends(f"{STOCK}/steps/sure/try", **{"text.fr.stock.sure": "{quantity}, vraiment ?"})
    assert "9999, vraiment ?" in tried.text.partition('id="phone"')[2]


async def test_a_step_is_tried_while_it_is_written_and_nothing_is_kept(editor: Editor, house: House) -> None:
    text = "Des produits sont-ils arrivés depuis le dernier rapport ? " * 4
    page = await editor.sends(f"{STOCK}/steps/receipt/try?lang=fr", **{"text.fr.stock.receipt": text})
    assert (page.status, page.text.count("156 septets sur 156"), "2 écrans" in page.text) == (200, 0, True)
    assert "Des produits sont-ils" in page.text.partition('id="phone"')[2]
    page = await editor.sends(f"{STOCK}/steps/receipt/try", **{"text.fr.stock.receipt": "{x"})
    assert "accolades" in page.text
    page = await editor.sends(f"{STOCK}/steps/quantity/try", **{"set.between": "beaucoup"})
    assert 'role="alert"' in page.text
    assert not (await house.editing.open()).begun
