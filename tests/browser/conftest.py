"""Chromium on the page of a house that runs; whatever the page complains of fails the test."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.drawn import Drawn
from tests.browser.furnished import NAME, PASSWORD, furnished
from tests.browser.running import running

# In a container, as root, with no network: no sandbox, no display, nothing fetched from elsewhere.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
BROKEN = (404, 500)
PATIENCE = 30_000
"""Milliseconds until what a page should show is missing: far past what it takes on a machine that is busy."""

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a house with the demo programme listens."""
    with running(tmp_path_factory.mktemp("house")) as address:
        yield address


@pytest.fixture(scope="package")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the console of a furnished house listens: one house for all who look at it."""
    with furnished(tmp_path_factory.mktemp("furnished")) as address:
        yield address


# For a module, not for the session: Playwright keeps an event loop of its own, which the other tests must not meet.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path is not None, "no chromium found: install it (Debian: apt-get install chromium)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": 1280, "height": 860}, locale="fr-FR")
    with heard(page) as complaints:
        yield page
    page.context.close()
    assert complaints == []


@contextmanager
def heard(page: Page) -> Iterator[list[str]]:
    """What the page complains of meanwhile."""
    complaints: list[str] = []
    heard_of: dict[str, Callable[[Any], None]] = {
        "pageerror": lambda error: complaints.append(str(error)),
        "console": lambda message: complaints.append(message.text) if _is_error(message) else None,
        "response": lambda answer: complaints.append(answer.url) if answer.status in BROKEN else None,
    }
    for event, hears in heard_of.items():
        page.on(event, hears)  # type: ignore[call-overload]
    yield complaints
    for event, hears in heard_of.items():
        page.remove_listener(event, hears)


def signed_in(page: Page, url: str) -> None:
    """At the overview of a furnished house."""
    page.goto(f"{url}/")
    page.get_by_label("Nom de compte").fill(NAME)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Accueil")


def _is_error(message: ConsoleMessage) -> bool:
    # The browser also says so of a 400, which the page asked for and understood.
    return message.type == "error" and not message.text.startswith("Failed to load resource")


@pytest.fixture
def phone(page: Page, url: str) -> Drawn:
    return Drawn(page, url)
