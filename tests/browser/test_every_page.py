"""Every page of the console, found from its routes, on a desk and on a phone: axe-core looks, and nothing overflows.

`--screens FOLDER` also leaves pictures of them all there.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bot.admin.console import pages
from tests.browser.conftest import heard, signed_in
from tests.browser.furnished import NAME, NANA, OUMOU

if TYPE_CHECKING:
    from bot.admin.desk import Desk

WIDTHS = (1280, 360)
NO_PAGES = (
    "",
    "/flows.zip",
    "/card/file",
    "/words/files/{language}.po",
    "/flows/{flow}/phone",
    "/roster/import/{upload}",
    "/trainings/sheet/{upload}",
)
"""Addresses that lead on, give a file, or a part of a page to our own script, or are there once a form was sent."""
NAMED = {
    "flow": "stock",
    "step": "receipt",
    "key": "stock.changed",
    "msisdn": OUMOU,
    "other": NANA,
    "name": NAME,
}
LISTED = {"/outbox/message": "/outbox"}
"""What stands in a path that names something; else the first such link of its list is taken, or of the page that is
named here."""
LOOK = """() => axe.run({resultTypes: ["violations"]}).then(({violations}) =>
  violations.map(({id, impact, nodes}) => [id, impact, nodes[0].html.slice(0, 160)]))"""


def declared() -> list[str]:
    """The paths of all pages that are opened by an address: no desk is needed to name them."""
    every = pages(cast("Desk", None))
    return [page.path for page in every if page.method == "GET" and page.path not in NO_PAGES]


@pytest.fixture(scope="module")
def seat(chromium: Browser, console: str) -> Iterator[Page]:
    """One page, signed in, for all: what it shows is looked at, not changed."""
    page = chromium.new_page(viewport={"width": 1280, "height": 860}, locale="fr-FR")
    signed_in(page, console)
    yield page
    page.context.close()


@pytest.fixture
def looks(seat: Page, pytestconfig: pytest.Config) -> Iterator[Callable[[str], None]]:
    """Looks at the page as it stands, in both widths."""
    screens = pytestconfig.getoption("--screens")
    with heard(seat) as complaints:
        yield lambda name: _looks(seat, name, Path(screens) if screens else None)
    assert complaints == []


def _looks(page: Page, name: str, screens: Path | None) -> None:
    assert page.locator("h1").count() == 1
    page.evaluate(Axe().axe_script)
    found: list[Any] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 860})
        found += [(width, *one) for one in page.evaluate(LOOK) if one[1] in ("serious", "critical")]
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            found.append((width, f"{wide} pixels wide"))
        if screens:
            _pictured(page, screens / f"{re.sub(r'[^a-z]+', '-', name).strip('-') or 'home'}-{width}.png")
    assert found == []


def _pictured(page: Page, file: Path) -> None:
    size = page.viewport_size
    assert size is not None
    tall = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({**size, "height": max(size["height"], tall)})
    page.screenshot(path=file)


def address(page: Page, url: str, path: str) -> str:
    """One of the addresses that a path stands for."""
    if path not in LISTED and set(re.findall(r"\{(\w+)\}", path)) <= NAMED.keys():
        return url + path.format(**NAMED)
    stem = path.partition("{")[0]
    page.goto(url + LISTED.get(path, stem.rstrip("/")))
    link = page.locator(f'main a[href^="/admin{stem}"]:not([href$="/new"])').first.get_attribute("href")
    assert link, f"{path}: its list is empty: furnish one"
    return url + (re.sub(r"\{\w+\}", link.removeprefix(f"/admin{stem}"), path) if "{" in path else link[6:])


@pytest.mark.parametrize("path", declared())
def test_no_page_shuts_anybody_out(seat: Page, console: str, looks: Callable[[str], None], path: str) -> None:
    seat.goto(address(seat, console, path))
    looks(path)


@pytest.mark.parametrize("path", ["/#menu", "/phone"])
def test_nor_does_the_menu_of_a_small_screen_or_the_drawn_phone(
    seat: Page, console: str, looks: Callable[[str], None], path: str
) -> None:
    seat.goto(console + path)
    looks(path)


def test_nor_does_the_sign_in_page(chromium: Browser, console: str, pytestconfig: pytest.Config) -> None:
    page = chromium.new_page(locale="fr-FR")
    page.goto(f"{console}/")
    screens = pytestconfig.getoption("--screens")
    _looks(page, "/stranger", Path(screens) if screens else None)
    page.context.close()


def priced(page: Page, url: str) -> None:
    page.goto(f"{url}/broadcasts/new")
    page.get_by_label("En français").first.fill("Bonjour {name}")
    page.get_by_label("Lieu").select_option("ML/SEG/BLA")
    page.get_by_role("button", name="Voir le nombre et le coût").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vérifier avant d’envoyer")


def considered(page: Page, url: str) -> None:
    page.goto(f"{url}/roster/import")
    rows = ("70000002,Oumou Dembélé,asc,DIARA", "7000009,Awa,asc,FALO", "70000097,Sita,asc,FALO")
    sheet = "\n".join(("msisdn,name,role,org_unit", *rows))
    file = {"name": "liste.csv", "mimeType": "text/csv", "buffer": sheet.encode()}
    page.get_by_label("Fichier").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Voir ce qui changerait").click()
    expect(page.get_by_role("region", name="Ce que ferait le fichier")).to_be_visible()


def invited(page: Page, url: str) -> None:
    page.goto(address(page, url, "/trainings/{id}"))
    form = page.locator('form[action$="/invite"]')
    form.get_by_label("Lieu").select_option("ML/SEG/BLA")
    form.get_by_role("button", name="Voir le nombre et le coût").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inviter")


def a_token(page: Page, url: str) -> None:
    page.goto(f"{url}/tokens")
    page.get_by_label("Nom").fill("Essai")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Créer le jeton").click()
    expect(page.locator("code")).to_be_visible()


def an_account(page: Page, url: str) -> None:
    page.goto(f"{url}/accounts")
    page.get_by_label("Nom", exact=False).first.fill("Awa")
    page.get_by_role("button", name="Créer le compte").click()
    expect(page.locator("code")).to_be_visible()


POSTED: dict[str, Callable[[Page, str], None]] = {
    "broadcast priced": priced,
    "roster considered": considered,
    "training invited": invited,
    "token new": a_token,
    "account new": an_account,
}
"""What only a form leads to."""


@pytest.mark.parametrize("name", POSTED)
def test_nor_does_what_a_form_leads_to(
    seat: Page, console: str, looks: Callable[[str], None], name: str
) -> None:
    POSTED[name](seat, console)
    looks(name)
