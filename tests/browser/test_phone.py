"""What can be done on the drawn phone, in Chromium, with the house that is shipped."""

import re

from playwright.sync_api import Browser, Page, Response, expect

from tests.browser.drawn import AMINATA, ASSITAN, FANTA, MOUSSA, OUMOU, SALIF, Drawn


def test_a_report_is_made_on_the_keypad_in_french(phone: Drawn) -> None:
    phone.is_held_by(OUMOU)
    phone.dial()
    phone.shows("1 Ma journée")
    phone.counts_what_it_shows()
    phone.answer("1")
    phone.shows("poste aujourd'hui ?")
    phone.counts_what_it_shows()
    phone.answer("1")
    phone.shows("Malades vus")
    phone.counts_what_it_shows()
    phone.answer("1")
    phone.shows("Merci")
    expect(phone.size).to_have_text(re.compile("septets · fin$"))


def test_the_same_menu_is_in_bambara_for_who_speaks_it(phone: Drawn) -> None:
    phone.is_held_by(AMINATA)
    phone.dial()
    phone.shows("1 N ka don")
    phone.counts_what_it_shows()
    phone.answer("2")
    phone.shows("1 Awò")
    phone.counts_what_it_shows()
    phone.answer("0")
    phone.shows("1 N ka don")


def test_a_menu_can_be_dialled_past(phone: Drawn) -> None:
    phone.is_held_by(MOUSSA)
    phone.dial("*123*6#")
    phone.shows("Bamanankan")


def test_a_code_that_is_not_ours_is_not_sent(phone: Drawn) -> None:
    phone.dial("*124#")
    phone.shows("Code inconnu : *124#")


def test_a_key_pressed_in_error_is_erased(phone: Drawn) -> None:
    phone.press("12")
    phone.page.get_by_role("button", name="Effacer").click()
    expect(phone.typed).to_have_value("1")


def test_hanging_up_ends_the_call(phone: Drawn) -> None:
    phone.is_held_by(SALIF)
    phone.dial()
    phone.shows("1 Ma journée")
    phone.hang_up()
    phone.shows("Composez *123#")
    phone.dial()
    phone.shows("1 Ma journée")


def test_a_keyboard_is_enough(phone: Drawn) -> None:
    phone.is_held_by(ASSITAN)
    phone.typed.focus()
    phone.page.keyboard.type("*123#")
    phone.page.keyboard.press("Enter")
    phone.shows("7 Aide")
    phone.page.locator("h1").click()
    phone.page.keyboard.type("7")
    expect(phone.typed).to_have_value("7")
    phone.page.keyboard.press("Escape")
    phone.shows("Composez *123#")


def test_an_unknown_number_is_welcomed(phone: Drawn) -> None:
    phone.is_held_by("")
    phone.page.get_by_label("Son numéro").fill("76 12 34 56")
    phone.dial()
    phone.shows("Bamanankan")
    phone.counts_what_it_shows()


def test_a_number_that_cannot_be_is_told(phone: Drawn, page: Page) -> None:
    phone.is_held_by("")
    phone.page.get_by_label("Son numéro").fill("12")
    phone.page.get_by_label("Son numéro").press("Tab")
    expect(page.locator("#clock")).to_have_text("Ce numéro n’est pas bon.")
    phone.dial()
    phone.shows("Exemple : 76 12 34 56")


def test_an_sms_is_answered_in_the_thread(phone: Drawn) -> None:
    phone.is_held_by(OUMOU)
    phone.write("stock cte 12 sro 5")
    expect(phone.sent).to_contain_text("stock cte 12 sro 5")
    expect(phone.sent).to_contain_text("1 SMS · envoyé")
    expect(phone.received).to_contain_text("CTE 12, SRO 5")
    expect(phone.received).to_contain_text("1 SMS · remis")


def test_what_comes_during_a_call_is_announced(phone: Drawn, page: Page, url: str) -> None:
    phone.is_held_by(FANTA)
    expect(page.locator("#clock")).to_have_text(re.compile(r"\d\d:\d\d"))
    alert = {"id": "alert-1", "msisdn": AMINATA, "text": "ALERTE cholera 3"}
    assert page.request.post(f"{url}/admin/phone/sms", data=alert).ok
    expect(page.get_by_role("tab", name="SMS 1")).to_be_visible()
    page.get_by_role("tab", name="SMS").click()
    expect(phone.received).to_contain_text("Aminata Coulibaly")
    expect(page.get_by_role("tab", name="SMS", exact=True)).to_be_visible()


def test_it_fits_a_small_phone(phone: Drawn, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for key in page.locator("#keys button").all():
        box = key.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        assert min(box["width"], box["height"]) >= 44


def test_the_page_is_light_and_asks_nothing_of_anyone_else(chromium: Browser, url: str) -> None:
    page = chromium.new_page()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - playwright marks what it is given
    page.goto(f"{url}/admin/phone", wait_until="networkidle")
    assert all(answer.url.startswith(url) for answer in answers)
    whole = {answer.url: len(answer.body()) for answer in answers}
    assert sum(whole.values()) < 40_000, whole
    page.close()
