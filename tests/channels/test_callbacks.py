"""Africa's Talking's callbacks, a row a case: a form in; one of ours, or a refusal, out."""

import pytest

from bot.channels import CallEnd
from bot.messages import DeliveryReport, Inbound, Reply, SendState
from tests.channels.forms import FORMS, NUMBER, RECORDED, TOLD
from tests.channels.house import KEY, House, Provider, post, say, say_raw

OPTIONAL = {
    "ussd": {"networkCode"},
    "ussd/end": {"durationInMillis", "hopsCount", "errorMessage"},
    "sms": {"linkId", "cost", "networkCode"},
    "delivery": {"networkCode", "failureReason", "retryCount"},
    "optout": set[str](),
}
FIELDS = [(path, field) for path, form in FORMS.items() for field in form]


@pytest.mark.parametrize("path", FORMS)
async def test_a_good_form_is_told_to_the_house(path: str, provider: Provider, house: House) -> None:
    status, _ = await say(provider, path, FORMS[path])
    assert (status, house.told) == (200, [TOLD[path]])


@pytest.mark.parametrize(("path", "field"), FIELDS)
async def test_only_what_is_optional_may_be_missing(
    path: str, field: str, provider: Provider, house: House
) -> None:
    status, body = await say(provider, path, {k: v for k, v in FORMS[path].items() if k != field})
    if field in OPTIONAL[path]:
        assert (status, len(house.told)) == (200, 1)
    else:
        assert (status, body, house.told) == (400, f"{field}: missing", [])


@pytest.mark.parametrize(("path", "field"), FIELDS)
async def test_a_field_given_twice_is_refused(
    path: str, field: str, provider: Provider, house: House
) -> None:
    body = "&".join(f"{name}=1" for name in [*FORMS[path], field]).encode()
    assert await say_raw(provider, post(path, body)) == (400, f"{field}: given more than once".encode())
    assert house.told == []


REFUSED = [
    *(
        (path, "phoneNumber", number)
        for path in ("ussd", "ussd/end", "delivery", "optout")
        for number in (
            "",
            " 22376123456",
            "22376123456",
            "+2237612345x",
            "+022376123",
            "+223",
            "+" + "9" * 16,
        )
    ),
    ("ussd", "phoneNumber", "+٢٢٣٧٦١٢٣٤٥٦"),
    ("ussd", "phoneNumber", NUMBER + "\n"),
    ("ussd", "sessionId", ""),
    ("ussd", "sessionId", "a" * 129),
    ("ussd", "sessionId", "a\x00b"),
    ("ussd", "serviceCode", "*384#\r"),
    ("ussd", "networkCode", "\x7f"),
    ("ussd", "text", "1*\x1b"),
    ("ussd/end", "sessionId", ""),
    ("ussd/end", "durationInMillis", "-1"),
    ("ussd/end", "durationInMillis", "9" * 5000),
    ("ussd/end", "hopsCount", "three"),
    ("ussd/end", "hopsCount", "٣"),
    ("ussd/end", "errorMessage", "\x00"),
    ("sms", "from", ""),
    ("sms", "from", " 22376123456"),
    ("sms", "from", "76123456"),
    ("sms", "from", "+Orange"),
    ("sms", "from", "Ora\x00nge"),
    ("sms", "id", ""),
    ("sms", "id", "a" * 129),
    ("sms", "to", "\n"),
    ("delivery", "id", ""),
    ("optout", "senderId", "\t"),
]


@pytest.mark.parametrize(("path", "field", "value"), REFUSED)
async def test_a_doubtful_value_is_refused_by_its_field(
    path: str, field: str, value: str, provider: Provider, house: House
) -> None:
    status, body = await say(provider, path, FORMS[path] | {field: value})
    assert (status, body.partition(":")[0], house.told) == (400, field, [])


async def test_what_would_only_come_again_is_taken(provider: Provider, house: House) -> None:
    """An SMS or a delivery report that is refused is told again for hours: what cannot be kept in it is left out."""
    assert await say(provider, "sms", FORMS["sms"] | {"text": "STOCK SRO 5\x00\x1b"}) == (200, "OK")
    odd = FORMS["delivery"] | {"status": "Odd\nword", "failureReason": "r" * 500}
    assert await say(provider, "delivery", odd) == (200, "OK")
    inbound, report = house.told
    assert isinstance(inbound, Inbound)
    assert inbound.text == "STOCK SRO 5  "
    assert isinstance(report, DeliveryReport)
    assert (report.status, report.state, len(report.reason)) == ("Odd\nword", None, 128)


@pytest.mark.parametrize(
    "text", ["", " ", "  1*2 ", "2**1", "1*", "*", "a*b#", "Fɛnɲɛ\r\nɔ", "é\f€\t", "x" * 4000]
)
@pytest.mark.parametrize("path", ["ussd", "sms"])
async def test_what_she_typed_is_never_touched(
    path: str, text: str, provider: Provider, house: House
) -> None:
    await say(provider, path, FORMS[path] | {"text": text})
    (told,) = house.told
    assert isinstance(told, Inbound)
    assert told.text == text


@pytest.mark.parametrize(
    ("reply", "body"),
    [
        (Reply("Quel produit ?\n1 SRO", ends=False), "CON Quel produit ?\n1 SRO"),
        (Reply("Merci, à bientôt.", ends=True), "END Merci, à bientôt."),
    ],
)
async def test_a_screen_is_plain_text_behind_con_or_end(
    reply: Reply, body: str, provider: Provider, house: House
) -> None:
    house.reply = reply
    async with provider.post(f"/africastalking/ussd?key={KEY}", data=FORMS["ussd"]) as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert await response.read() == body.encode()


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Sent", "sent"),
        ("Submitted", "sent"),
        ("Buffered", "sent"),
        ("Success", "delivered"),
        ("Rejected", "failed"),
        ("Failed", "failed"),
        ("AbsentSubscriber", "failed"),
        ("Expired", "failed"),
        ("success", None),
        ("Téléporté", None),
        ("", None),
    ],
)
async def test_a_delivery_status_is_kept_known_or_not(
    status: str, state: SendState | None, provider: Provider, house: House
) -> None:
    assert (await say(provider, "delivery", FORMS["delivery"] | {"status": status}))[0] == 200
    assert house.told == [DeliveryReport("ATXid_1", NUMBER, status, state, "UserInBlackList")]


@pytest.mark.parametrize("service", ["Orange", "Orange Mali", "7070", "36000", "MOOV-AFRICA", "Aɲɛ"])
async def test_a_service_is_thanked_and_never_listened_to(
    service: str, provider: Provider, house: House
) -> None:
    assert await say(provider, "sms", FORMS["sms"] | {"from": service}) == (200, "OK")
    assert house.told == []


@pytest.mark.parametrize("path", ["ussd/end", "sms", "delivery", "optout"])
async def test_a_house_that_is_down_is_told_again_later(path: str, provider: Provider, house: House) -> None:
    house.down = True
    assert await say(provider, path, FORMS[path]) == (503, "")
    house.down = False
    assert await say(provider, path, FORMS[path]) == (200, "OK")
    assert house.told == [TOLD[path]]


@pytest.mark.parametrize("path", ["ussd", "ussd/end", "optout"])
async def test_what_was_recorded_is_understood(path: str, provider: Provider, house: House) -> None:
    recorded: list[dict[str, str]] = RECORDED[path.rpartition("/")[2]]
    for form in recorded:
        assert (await say(provider, path, form))[0] == 200
    assert len(house.told) == len(recorded)


async def test_the_recorded_call_and_its_end_say_what_they_said(provider: Provider, house: House) -> None:
    await say(provider, "ussd", RECORDED["ussd"][0])
    for form in RECORDED["end"]:
        await say(provider, "ussd/end", form)
    session = "ATUid_5d3b4c2bc589f4811820a7184eed4df5"
    assert house.told == [
        Inbound("africastalking", "ussd", session, "+254720123123", "KEY BAR KEY", "*100#", "99999"),
        CallEnd(session, "+254720123123", "Incomplete", 9000, 3),
        CallEnd("ATUid_x", "+254711000111", "Success", 12345, 3),
    ]
