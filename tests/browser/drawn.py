"""The phone of the page, as the person who holds it sees it."""

import re

from playwright.sync_api import Locator, Page, expect

from bot.text.gsm import septets

AMINATA = "+22370000001"
"""Speaks Bambara; reports to Dr Fanta Doumbia."""
OUMOU, MOUSSA, SALIF, ASSITAN = (f"+2237000000{number}" for number in (2, 4, 6, 8))
"""Speak French. Each test has its own, since what was not finished is offered again."""
FANTA = "+22370000101"


class Drawn:
    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.screen = page.get_by_role("status")
        self.typed = page.locator("#typed")
        self.size = page.locator("#septets")
        page.goto(f"{url}/admin/phone")

    def is_held_by(self, msisdn: str) -> None:
        self.page.get_by_label("Qui appelle ?").select_option(msisdn)

    def press(self, keys: str) -> None:
        for key in keys:
            self.page.get_by_role("button", name=key, exact=True).click()

    def dial(self, code: str = "*123#") -> None:
        self.press(code)
        self.page.get_by_role("button", name="Appeler").click()

    def answer(self, keys: str) -> None:
        self.press(keys)
        self.page.get_by_role("button", name="Envoyer").click()

    def hang_up(self) -> None:
        self.page.get_by_role("button", name="Raccrocher").click()

    def shows(self, text: str | re.Pattern[str]) -> None:
        expect(self.screen).to_contain_text(text)

    def counts_what_it_shows(self) -> None:
        """The counter under the screen is the network's count, and it fits."""
        count = septets(self.screen.inner_text())
        expect(self.size).to_have_text(re.compile(rf"^{count} / 156 septets"))
        assert count <= 156

    def write(self, text: str) -> None:
        self.page.get_by_role("tab", name="SMS").click()
        self.page.get_by_label("Message").fill(text)
        self.page.get_by_role("button", name="Envoyer").click()

    @property
    def sent(self) -> Locator:
        return self.page.locator("#thread .mine")

    @property
    def received(self) -> Locator:
        return self.page.locator("#thread .theirs")
