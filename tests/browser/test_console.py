"""The console in Chromium, as a programme officer uses it in French; axe-core looks at each page beside her."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.running import running

PASSWORD = "une phrase assez longue"
PAGES = (
    "/",
    "/roster",
    "/roster/+22370000002",
    "/roster/+22370000002/edit",
    "/roster/alike",
    "/roster/+22370000002/move",
    "/roster/+22370000002/merge/+22370000003",
    "/roster/new",
    "/roster/import",
    "/reports",
    "/outbox",
    "/accounts",
    "/accounts/cheffe",
    "/journal",
    "/me",
)
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
70000093,Sira Konaté,asc,FALO
70000094,KONATE Sira,asc,FALO
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a house with the demo programme listens, and Cheffe has an account."""
    folder = tmp_path_factory.mktemp("house")
    added = [sys.executable, "-m", "bot", "users", "add", "cheffe", "--role", "admin"]
    environ = {**os.environ, "KUNNAFONI_PASSWORD": PASSWORD}
    subprocess.run([*added, "--data", str(folder / "data")], env=environ, check=True)
    with running(folder) as address:
        yield f"{address}/admin"


def sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/")
    page.get_by_label("Nom de compte").fill("cheffe")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Accueil")


def test_a_roster_with_three_bad_rows_is_imported(page: Page, url: str, tmp_path: Path) -> None:
    (tmp_path / "liste.csv").write_text(SHEET, "utf-8")
    sign_in(page, url)
    page.get_by_role("link", name="Contacts", exact=True).click()
    page.get_by_role("link", name="Importer une liste").click()
    page.get_by_label("Fichier").set_input_files(tmp_path / "liste.csv")
    page.get_by_role("button", name="Voir ce qui changerait").click()
    refused = page.get_by_role("region", name="Lignes à revoir").get_by_role("row")
    expect(refused).to_have_count(4)
    for row, (line, reason) in enumerate((("4", "7 chiffres"), ("5", "« ascc »"), ("6", "FALO")), 1):
        expect(refused.nth(row)).to_contain_text(line)
        expect(refused.nth(row)).to_contain_text(reason)
    page.get_by_role("button", name="Enregistrer ces 2 personnes").click()
    expect(page.get_by_role("status")).to_have_text("La liste est enregistrée.")
    page.get_by_label("Rechercher").fill("binta")
    page.get_by_role("button", name="Afficher").click()
    expect(page.get_by_role("link", name="Binta Diallo")).to_be_visible()


def test_two_rows_become_one_and_she_gets_a_new_number(page: Page, url: str, tmp_path: Path) -> None:
    (tmp_path / "liste.csv").write_text(TWICE, "utf-8")
    sign_in(page, url)
    page.goto(f"{url}/roster/import")
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
    page.goto(f"{url}/roster/+22370000094")
    expect(page.get_by_role("heading", level=1)).to_contain_text("KONATE Sira")


@pytest.mark.parametrize("width", [1280, 360])
def test_no_page_shuts_anybody_out(page: Page, url: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 860})
    page.goto(f"{url}/sign-in")
    axe, found = Axe(), []
    sign_in_page = axe.run(page).response["violations"]
    sign_in(page, url)
    for path in PAGES if width == 1280 else PAGES[:11]:
        page.goto(f"{url}{path}")
        found += [(path, one["id"], one["impact"]) for one in axe.run(page).response["violations"]]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert sign_in_page == []
    assert [one for one in found if one[2] in ("serious", "critical")] == []
