"""A programme officer changes a question, tries it, publishes it and takes it back; callers hear it as she does."""

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from time import monotonic, sleep
from urllib.parse import urlencode
from urllib.request import urlopen
from uuid import uuid4
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from tests.browser.running import running

NAME, PASSWORD = "Fanta Keïta", "une phrase assez longue"
FRENCH_ASC, BAMBARA_ASC = "+22370000002", "+22370000001"
OLD = "Avez-vous recu des produits depuis le dernier rapport ?"
NEW = "Des produits sont-ils arrivés ?"
HEARD = "Des produits sont-ils arrivés ?"
BAMBARA, BAMBARA_HEARD = "Fura dɔw nana wa?", "Fura dòw nana wa?"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A house with the demo programme, where somebody may edit."""
    folder = tmp_path_factory.mktemp("house")
    add = [sys.executable, *f"-m bot users add --role editor --data {folder}/data".split(), NAME]
    subprocess.run(add, env={**os.environ, "KUNNAFONI_PASSWORD": PASSWORD}, check=True, capture_output=True)
    with running(folder) as address:
        yield address


class Call:
    """A USSD call as the provider relays it."""

    def __init__(self, url: str, msisdn: str) -> None:
        self.url, self.msisdn, self.session = url, msisdn, uuid4().hex
        self.typed: list[str] = []

    def types(self, *inputs: str) -> str:
        self.typed += inputs
        form = {
            "sessionId": self.session,
            "serviceCode": "*123#",
            "phoneNumber": self.msisdn,
            "networkCode": "61002",
            "text": "*".join(self.typed),
        }
        with urlopen(f"{self.url}/africastalking/ussd?key=sandbox", urlencode(form).encode()) as answer:
            return str(answer.read().decode())


def dial(url: str, msisdn: str) -> Call:
    call = Call(url, msisdn)
    call.types()
    return call


def hears(url: str, msisdn: str, words: str) -> None:
    """Whoever dials now: a release is everywhere within a second, on a machine that is not busy."""
    until = monotonic() + 30
    while words not in (said := dial(url, msisdn).types("2")):
        assert monotonic() < until, said
        sleep(0.3)


def signed_in(page: Page, url: str, path: str) -> None:
    page.goto(f"{url}/admin{path}")
    page.get_by_label("Nom de compte").fill(NAME)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()


def test_a_question_is_changed_tried_published_and_taken_back(page: Page, url: str) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    before = dial(url, FRENCH_ASC)
    signed_in(page, url, "/flows")
    page.get_by_role("link", name="Stock", exact=True).click()
    is_refused_what_no_network_would_carry(page)
    writes_the_question_and_its_bambara(page, url)
    tries_the_draft(page, url)
    publishes(page, "Une question plus courte")

    # Who had begun before goes on with the old words; who dials now hears the new ones.
    assert OLD in before.types("2")
    hears(url, FRENCH_ASC, HEARD)
    hears(url, BAMBARA_ASC, BAMBARA_HEARD)

    page.get_by_role("link", name="1", exact=True).click()
    page.get_by_role("button", name="Revenir à cette publication").click()
    expect(page.locator("tbody tr").first).to_contain_text("Retour à la publication 1")
    hears(url, FRENCH_ASC, OLD)


def is_refused_what_no_network_would_carry(page: Page) -> None:
    """A last screen that is too long, as she saves it."""
    page.get_by_role("link", name="Changer thanks").click()
    french = page.get_by_label("Français").first
    french.fill("Votre rapport de stock est bien enregistré. " * 4 + "{report}")
    expect(page.locator("[data-counts=fr].over")).to_have_count(1)
    page.get_by_role("button", name="Enregistrer dans le brouillon").click()
    expect(page.get_by_role("alert")).to_contain_text("Trop long pour un écran")
    expect(page.get_by_label("Français").first).to_have_value(
        "Votre rapport de stock est bien enregistré. " * 4 + "{report}"
    )


def writes_the_question_and_its_bambara(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/flows/stock/steps/receipt")
    page.get_by_label("Français").first.fill("Un texte bien long. " * 9)
    expect(page.locator("[data-counts=fr]")).to_have_text(
        re.compile(r"^\d+ septets sur 156 · \d+ septets sur 156$")
    )
    page.get_by_label("Français").first.fill(NEW)
    page.get_by_label("Bambara").first.fill(BAMBARA)

    # The phone and the screens beside it play what she writes, before anything is saved.
    expect(page.locator("#phone .screen")).to_contain_text(HEARD)
    expect(page.locator("#trial [data-screens=bm]")).to_contain_text(BAMBARA_HEARD)
    assert OLD in dial(url, FRENCH_ASC).types("2")
    page.get_by_role("button", name="Enregistrer dans le brouillon").click()
    expect(page.get_by_role("status")).to_have_text("Enregistré dans le brouillon.")


def tries_the_draft(page: Page, url: str) -> None:
    """The phone beside it plays the draft; callers still hear what is published."""
    phone = page.locator("#phone")
    expect(phone.locator(".screen")).to_contain_text(HEARD)
    phone.get_by_label("Votre réponse").fill("2")
    phone.get_by_role("button", name="Envoyer").click()
    expect(phone.locator(".screen")).to_contain_text("SRO")
    phone.get_by_role("button", name="Rappeler · Bambara").click()
    expect(phone.locator(".screen")).to_contain_text(BAMBARA_HEARD)
    assert "/phone" not in page.url
    assert OLD in dial(url, FRENCH_ASC).types("2")


def test_the_phone_beside_a_step_begins_at_it_and_any_step_can_be_begun_at(page: Page, url: str) -> None:
    signed_in(page, url, "/flows/stock/steps/sure")
    phone = page.locator("#phone")
    expect(phone.locator(".screen")).to_contain_text("SRO : 9999")
    expect(phone.locator("kbd")).to_have_text(["2", "9999"])
    page.get_by_label("Français").first.fill("{item} : {quantity}, vraiment ?")
    expect(phone.locator(".screen")).to_contain_text("9999, vraiment ?")
    phone.get_by_label("Votre réponse").fill("2")
    phone.get_by_role("button", name="Envoyer").click()
    expect(phone.locator("code")).to_have_text("stock.quantity")
    phone.get_by_role("button", name="Depuis le début").click()
    expect(phone.locator("code")).to_have_text("stock.receipt")
    phone.get_by_role("button", name="Essayer d’ici").click()
    expect(phone.locator(".screen")).to_contain_text("9999, vraiment ?")

    page.goto(f"{url}/admin/flows/team")
    page.get_by_role("button", name="Essayer d’ici who_is_away").click()
    expect(phone.locator(".screen")).to_contain_text("Bintou")
    expect(phone).to_contain_text("Son équipe a deux alertes")


def publishes(page: Page, why: str) -> None:
    page.get_by_role("link", name="Vérifier et publier").click()
    page.get_by_label("Pourquoi ce changement ?").fill(why)
    page.get_by_role("button", name="Publier maintenant").click()
    expect(page.get_by_role("status")).to_contain_text("Publié")
    expect(page.locator("tbody tr").first).to_contain_text(why)


def test_a_newcomer_adds_a_question_as_the_guide_says_and_publishes_it(page: Page, url: str) -> None:
    signed_in(page, url, "/flows/stock")
    page.get_by_text("Ajouter une étape").click()
    form = page.locator("#new")
    form.get_by_label("Type").select_option(label="Nombre")
    form.get_by_label("Texte français").fill("Combien de jours avez-vous attendu ?")
    form.get_by_label("Après l’étape").select_option("receipt")
    form.get_by_role("button", name="Ajouter au brouillon").click()
    expect(page.get_by_role("status")).to_be_visible()
    page.get_by_role("link", name="Changer combien_jours_avez").click()
    page.locator("[name='set.between']").fill("0..60")
    page.get_by_role("button", name="Enregistrer dans le brouillon").click()
    expect(page.get_by_role("status")).to_have_text("Enregistré dans le brouillon.")
    publishes(page, "Le délai de livraison")


def test_two_editors_of_one_draft(page: Page, url: str) -> None:
    signed_in(page, url, "/words/stock.changed")
    page.get_by_label("Français").first.fill("Corrigé : {product} {quantity}, merci.")
    browser = page.context.browser
    assert browser is not None
    other = browser.new_page()
    signed_in(other, url, "/words/stock.nothing")
    other.get_by_label("Français").first.fill("Aucun produit.")
    other.get_by_role("button", name="Enregistrer dans le brouillon").click()
    expect(other.get_by_role("status")).to_be_visible()
    other.close()
    page.get_by_role("button", name="Enregistrer dans le brouillon").click()
    expect(page.get_by_role("alert")).to_contain_text(f"{NAME} a enregistré le brouillon")
    page.get_by_role("button", name="Enregistrer le mien par-dessus").click()
    expect(page.get_by_label("Français").first).to_have_value("Corrigé : {product} {quantity}, merci.")
    page.goto(f"{url}/admin/draft")
    expect(page.locator("main")).to_contain_text("Aucun produit.")


def test_words_are_found_taken_out_and_brought_back(page: Page, url: str) -> None:
    signed_in(page, url, "/words")
    page.get_by_label("Parcours").select_option("help")
    page.get_by_label("État").select_option("unreviewed")
    page.get_by_label("Rechercher").fill("aide")
    page.get_by_role("button", name="Afficher").click()
    expect(page.locator("tbody tr").first).to_contain_text("help.")
    expect(page.locator("tbody tr").filter(has_not_text="À relire")).to_have_count(0)

    with page.expect_download() as taken:
        page.get_by_role("link", name="bm.po").click()
    po = taken.value.path().read_text("utf-8")
    brings_back(page, url, "bm.po", po.replace('msgstr "Segin"', 'msgstr "Segin kɔ"').encode())
    expect(page.get_by_role("status")).to_contain_text("textes changés, 1 ; parcours changés, 0")
    expect(page.locator("tbody tr")).to_contain_text("common.back Bambara")
    expect(page.locator("ins")).to_have_text("Segin kɔ")
    brings_back(page, url, "bm.po", po[: po.index("msgctxt") + 9].encode())
    expect(page.get_by_role("alert")).to_contain_text("bm.po, ligne")
    expect(page.locator("main")).to_contain_text("Rien n’a été pris de ce fichier")


def brings_back(page: Page, url: str, name: str, content: bytes) -> None:
    page.goto(f"{url}/admin/words#files")
    page.get_by_label("Langue").select_option("bm")
    file = {"name": name, "mimeType": "text/plain", "buffer": content}
    page.get_by_label("Fichier PO").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Importer").click()


def test_flows_are_taken_out_as_files_and_taken_in_again(page: Page, url: str) -> None:
    signed_in(page, url, "/flows")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Télécharger les fichiers du brouillon").click()
    out = io.BytesIO()
    with ZipFile(taken.value.path()) as files, ZipFile(out, "w") as archive:
        help_ = files.read("flows/help.yaml").decode()
        archive.writestr("flows/help.yaml", help_.replace("menu: 9", "menu: 8"))
        archive.writestr("../../flows/autre chose.yaml", "flow: other")
    page.get_by_text("Importer des fichiers").click()
    zipped = {"name": "flows.zip", "mimeType": "application/zip", "buffer": out.getvalue()}
    page.get_by_label("Fichier zip").set_input_files(zipped)  # type: ignore[arg-type]
    page.get_by_role("button", name="Importer").click()
    expect(page.get_by_role("status")).to_contain_text("textes changés, 0 ; parcours changés, 1")
    expect(page.locator(".warning")).to_contain_text("autre chose.yaml")
    expect(page.locator(".diff")).to_contain_text("+menu: 8")


def test_the_card_of_an_asc_is_one_page_with_all_its_words(page: Page, url: str) -> None:
    signed_in(page, url, "/card")
    expect(page.locator(".a6")).to_contain_text("Fiɲɛbana")
    assert page.evaluate(
        "document.querySelector('.a6').scrollHeight <= document.querySelector('.a6').clientHeight"
    )
    printed = page.pdf(prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") == 1


def test_the_phone_works_without_scripts(page: Page, url: str) -> None:
    browser = page.context.browser
    assert browser is not None
    plain = browser.new_context(java_script_enabled=False).new_page()
    signed_in(plain, url, "/flows/stock")
    screen = plain.locator("#phone .screen")
    first = screen.inner_text()
    plain.get_by_label("Votre réponse").fill("2")
    plain.get_by_role("button", name="Envoyer").click()
    expect(screen).not_to_have_text(first)
    plain.context.close()
