"""The console in Chromium, as a programme officer uses it in French."""

from pathlib import Path

from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import signed_in
from tests.browser.furnished import NAME

SHEET = """\
msisdn,name,role,org_unit
70000002,Oumou Dembélé,asc,DIARA
70000096,Binta Diallo,asc,FALO
7000009,Awa,asc,FALO
70000097,Sita,ascc,FALO
70000098,Hawa,asc,FALLO
"""
TWICE = """\
msisdn,name,role,org_unit
70000093,Sira Konaté,asc,DIARA
70000094,KONATE Sira,asc,DIARA
"""


def test_a_roster_with_three_bad_rows_is_imported(page: Page, console: str, tmp_path: Path) -> None:
    (tmp_path / "liste.csv").write_text(SHEET, "utf-8")
    signed_in(page, console)
    page.get_by_role("link", name="Contacts", exact=True).click()
    page.get_by_role("link", name="Importer une liste").click()
    page.get_by_label("Fichier").set_input_files(tmp_path / "liste.csv")
    page.get_by_role("button", name="Voir ce qui changerait").click()
    page.get_by_label("Effet").select_option(label="À revoir")
    refused = page.get_by_role("region", name="Ce que ferait le fichier").get_by_role("row")
    expect(refused).to_have_count(4)
    for row, (line, reason) in enumerate((("4", "7 chiffres"), ("5", "« ascc »"), ("6", "FALO")), 1):
        expect(refused.nth(row)).to_contain_text(line)
        expect(refused.nth(row)).to_contain_text(reason)
    page.get_by_role("button", name="Enregistrer ces 2 personnes").click()
    expect(page.get_by_role("status")).to_have_text("La liste est enregistrée.")
    page.get_by_label("Rechercher").fill("binta")
    page.get_by_role("button", name="Afficher").click()
    expect(page.get_by_role("link", name="Binta Diallo")).to_be_visible()


def test_two_rows_become_one_and_she_gets_a_new_number(page: Page, console: str, tmp_path: Path) -> None:
    (tmp_path / "liste.csv").write_text(TWICE, "utf-8")
    signed_in(page, console)
    page.goto(f"{console}/roster/import")
    page.get_by_label("Fichier").set_input_files(tmp_path / "liste.csv")
    page.get_by_role("button", name="Voir ce qui changerait").click()
    page.get_by_role("button", name="Enregistrer ces 2 personnes").click()
    page.get_by_role("link", name="Doublons possibles").click()
    page.get_by_role("link", name="Sira Konaté · +22370000093 = KONATE Sira · +22370000094").click()
    page.get_by_label("Garder le +22370000094").check()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Réunir les deux fiches").click()
    expect(page.get_by_role("status")).to_have_text("Les deux fiches n’en font plus qu’une.")
    expect(page.get_by_role("heading", level=1)).to_contain_text("KONATE Sira")
    expect(page.get_by_text("+22370000093")).to_be_visible()
    page.get_by_role("link", name="Changer de numéro").click()
    page.get_by_label("Nouveau numéro").fill("66 77 88 99")
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("button", name="Passer au +22366778899").click()
    expect(page.get_by_role("status")).to_have_text("Le numéro est changé.")
    expect(page.get_by_text("+22370000093, +22370000094")).to_be_visible()
    page.goto(f"{console}/roster/+22370000094")
    expect(page.get_by_role("heading", level=1)).to_contain_text("KONATE Sira")


def test_an_administrator_finds_the_trial_phone_and_her_way_back(page: Page, console: str) -> None:
    signed_in(page, console)
    page.get_by_role("link", name="Téléphone d’essai").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Téléphone d’essai")
    page.get_by_role("link", name="Kunnafoni").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Accueil")


def test_an_alert_is_acknowledged(page: Page, console: str) -> None:
    signed_in(page, console)
    page.get_by_role("link", name="Moins de 24 h").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Alertes")
    page.get_by_label("Rechercher").fill("Nana")
    page.get_by_role("button", name="Afficher").click()
    expect(page.get_by_role("row", name="CTE")).to_contain_text("Sans réponse")
    page.get_by_role("row", name="CTE").get_by_role("link").first.click()
    page.get_by_role("button", name="Prendre en charge").click()
    expect(page.get_by_role("status")).to_have_text("C’est enregistré.")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Prise en charge")
    expect(page.locator("main")).to_contain_text(f"Prise en charge par {NAME}")
    expect(page.get_by_role("button", name="Prendre en charge")).to_have_count(0)


def test_a_training_is_planned_and_its_reminders_are_seen_in_the_rehearsal(page: Page, console: str) -> None:
    signed_in(page, console)
    page.get_by_role("link", name="Formations", exact=True).click()
    page.get_by_role("link", name="Nouvelle formation").click()
    page.get_by_label("Thème").first.fill("malaria")
    page.get_by_label("Lieu").fill("CSCom de Falo")
    page.get_by_label("Commence le").fill("2999-11-27T08:00")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Prise en charge du paludisme")

    page.get_by_label("Lieu").select_option("ML/SEG/BLA/FALO")
    page.get_by_label("ASC", exact=True).check()
    page.get_by_role("button", name="Voir le nombre et le coût").click()
    expect(page.locator("main")).to_contain_text("Rien n’est encore envoyé.")
    page.get_by_role("button", name="Inviter 6 personnes").click()
    expect(page.get_by_role("status")).to_contain_text("Les invitations partent")

    came = page.get_by_label("Présence : Moussa Sangaré")
    came.select_option(label="présent")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("columnheader", name="Nom").get_by_role("link").click()
    expect(came).to_have_value("yes")
    page.get_by_role("button", name="Enregistrer les présences").click()
    expect(page.get_by_role("status")).to_have_text("C’est enregistré.")
    page.get_by_role("columnheader", name="Nom").get_by_role("link").click()
    page.locator("select[name=attended]").select_option(label="présent")
    expect(page.locator("tbody tr")).to_have_count(1)

    page.get_by_role("link", name="20/11/2999").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Rappels prévus")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(6)
    expect(rows.filter(has_text="Moussa Sangaré")).to_contain_text("CSCom de Falo")
    page.get_by_label("À quel moment ?").fill("2999-11-21T09:00")
    expect(page.locator("main")).to_contain_text("Rien ne partirait le 21/11/2999 09:00.")


def test_a_broadcast_goes_to_one_district_once_its_cost_was_read(page: Page, console: str) -> None:
    asked: list[str] = []

    def agrees(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    page.on("dialog", agrees)
    signed_in(page, console)
    page.get_by_role("link", name="Annonces", exact=True).click()
    page.get_by_role("link", name="Nouvelle annonce").click()
    page.get_by_label("En français").first.fill("Réunion jeudi à 9 h au CSCom.")
    page.get_by_label("Lieu").select_option(label="\u2003\u2003Bla")
    page.get_by_role("button", name="Voir le nombre et le coût").click()
    main = page.locator("main")
    expect(main).to_contain_text("Rien n’est encore envoyé.")
    expect(main).to_contain_text("À : Bla")
    cost = main.locator(".card", has_text="coût (FCFA)").locator(".figure").inner_text()
    count = main.locator(".card", has_text="personnes").first.locator(".figure").inner_text()
    page.get_by_role("button", name=f"Envoyer à {count} personnes ({cost} FCFA)").click()
    expect(page.get_by_role("status")).to_contain_text("L’annonce part")
    assert asked == [f"Envoyer ce message à {count} personnes pour {cost} FCFA ?"]
    expect(main.locator(".card", has_text="personnes").locator(".figure")).to_have_text(count)
    page.get_by_role("link", name="Annonces", exact=True).last.click()
    expect(page.get_by_role("row", name="Réunion jeudi")).to_contain_text(cost)


def test_figures_are_fresh_without_a_reload(page: Page, console: str) -> None:
    page.clock.install()
    signed_in(page, console)
    at = page.locator("#figures").get_by_text("Chiffres d")
    expect(at).to_be_visible()
    page.wait_for_load_state()  # its script has run, and counts the seconds
    page.evaluate("document.querySelector('#figures h2').textContent = 'of a moment ago'")
    page.clock.fast_forward(31_000)
    expect(page.get_by_role("heading", name="Présences du jour")).to_be_visible()
    expect(page.get_by_text("of a moment ago")).to_have_count(0)
