"""Both senders against a stand-in for the provider: what is asked, to the byte, and how its answer is read."""

import json
from random import Random

import pytest
from multidict import CIMultiDict

from bot.messages import DeliveryReport, Receipt, Sender
from tests.channels.forms import RECORDED
from tests.channels.house import KEY, House, Provider
from tests.channels.sending import AWA, BINTA, COUMBA, IN_TIME, KINDS, error_of, message, settings, what_to_do
from tests.standin import STATUSES, Behaviour, Refuse, Says, Slow, StandIn


async def test_a_message_is_sent_and_its_receipt_kept(sender: Sender, standin: StandIn) -> None:
    (receipt,) = await sender.send([message()])
    (sent,) = standin.sent
    assert (sent.number, sent.text, sent.sender) == (AWA, "I ni sògòma", "")
    assert receipt == Receipt("sent", provider_id=sent.id, cost="XOF 12.0000", parts=1)


async def test_nothing_to_send_asks_nothing(sender: Sender, standin: StandIn) -> None:
    assert await sender.send([]) == []
    assert standin.requests == []


async def test_one_text_to_many_is_one_request(sender: Sender, standin: StandIn) -> None:
    receipts = await sender.send([message(BINTA), message(AWA, "Autre"), message(COUMBA), message(AWA)])
    assert [seen.form["to"] for seen in standin.requests if seen.form["message"] == "I ni sògòma"] == [
        f"{BINTA},{COUMBA},{AWA}"
    ]
    sent = {message.id: message for message in standin.sent}
    assert [(sent[r.provider_id].number, sent[r.provider_id].text) for r in receipts] == [
        (BINTA, "I ni sògòma"),
        (AWA, "Autre"),
        (COUMBA, "I ni sògòma"),
        (AWA, "I ni sògòma"),
    ]


async def test_the_same_words_twice_to_one_phone_are_two_messages(sender: Sender, standin: StandIn) -> None:
    receipts = await sender.send([message(id_="1"), message(BINTA), message(id_="2")])
    assert sorted(seen.form["to"] for seen in standin.requests) == [AWA, f"{AWA},{BINTA}"]
    assert len({receipt.provider_id for receipt in receipts}) == 3


async def test_a_request_names_a_hundred_numbers_at_most(sender: Sender, standin: StandIn) -> None:
    numbers = [f"+223760{n:05}" for n in range(201)]
    receipts = await sender.send([message(number) for number in numbers])
    assert sorted(len(seen.form["to"].split(",")) for seen in standin.requests) == [1, 100, 100]
    sent = {message.id: message.number for message in standin.sent}
    assert [sent[receipt.provider_id] for receipt in receipts] == numbers


async def test_many_texts_at_once_do_not_mix(sender: Sender, standin: StandIn) -> None:
    standin.latency_s = 0.005
    messages = [message(f"+223761{n:05}", f"Message {n}") for n in range(120)]
    receipts = await sender.send(messages)
    sent = {message.id: message for message in standin.sent}
    assert [sent[receipt.provider_id].text for receipt in receipts] == [m.text for m in messages]
    assert [sent[receipt.provider_id].number for receipt in receipts] == [m.msisdn for m in messages]


REFUSALS = [
    Receipt("failed", cost="0", parts=1, reason="RiskHold"),
    Receipt("failed", cost="0", parts=1, reason="InvalidSenderId", retryable=True, operator=True),
    Receipt("failed", cost="0", parts=1, reason="InvalidPhoneNumber"),
    Receipt("failed", cost="0", parts=1, reason="UnsupportedNumberType"),
    Receipt("failed", cost="0", parts=1, reason="InsufficientBalance", retryable=True, operator=True),
    Receipt("failed", cost="0", parts=1, reason="UserInBlacklist", stop=True),
    Receipt("failed", cost="0", parts=1, reason="CouldNotRoute"),
    Receipt("failed", cost="0", parts=1, reason="DoNotDisturbRejection"),
    Receipt("failed", cost="0", parts=1, reason="InternalServerError", retryable=True),
    Receipt("failed", cost="0", parts=1, reason="GatewayError", retryable=True),
    Receipt("failed", cost="0", parts=1, reason="RejectedByGateway", retryable=True),
]


@pytest.mark.parametrize("receipt", REFUSALS, ids=lambda receipt: receipt.reason)
async def test_one_refused_number_harms_no_other(receipt: Receipt, sender: Sender, standin: StandIn) -> None:
    code = next(code for code, status in STATUSES.items() if status == receipt.reason)
    standin.behave(BINTA, Refuse(code))
    awa, binta, coumba = await sender.send([message(AWA), message(BINTA), message(COUMBA)])
    assert binta == receipt
    assert (awa.state, coumba.state, len(standin.sent)) == ("sent", "sent", 2)


@pytest.mark.parametrize("code", [100, 101, 102])
async def test_three_codes_mean_taken(code: int, sender: Sender, standin: StandIn) -> None:
    standin.behave(AWA, Refuse(code))
    (receipt,) = await sender.send([message()])
    assert (receipt.state, receipt.provider_id) == ("sent", standin.sent[0].id)


async def test_a_code_nobody_heard_of_is_final(sender: Sender, standin: StandIn) -> None:
    standin.behave(AWA, Refuse(499))
    (receipt,) = await sender.send([message()])
    assert receipt == Receipt("failed", cost="0", parts=1, reason="Unheard-of")


async def test_a_number_the_answer_forgets_is_in_doubt(sender: Sender, standin: StandIn) -> None:
    standin.behave(BINTA, "omit")
    awa, binta = await sender.send([message(AWA), message(BINTA)])
    assert (awa.state, binta.state, binta.retryable) == ("sent", "unknown", False)


@pytest.mark.parametrize("lie", ["charset", "text", Slow(0.05)])
async def test_an_answer_is_read_whatever_it_is_called(
    lie: Behaviour, sender: Sender, standin: StandIn
) -> None:
    standin.behave(AWA, lie)
    (receipt,) = await sender.send([message()])
    assert (receipt.state, receipt.provider_id) == ("sent", standin.sent[0].id)


@pytest.mark.parametrize("answer", RECORDED["messaging"])
async def test_what_was_recorded_is_understood(answer: str, sender: Sender, standin: StandIn) -> None:
    recorded, number = RECORDED["messaging"][answer], "+254700072929"
    body = recorded["body"] if isinstance(recorded["body"], str) else json.dumps(recorded["body"])
    standin.behave(number, Says(recorded["statusCode"], body, "application/json"))
    if answer in {"bulk/invalid-key", "bulk/invalid-sender-id"}:
        error = await error_of(sender, message(number))
        assert what_to_do(error) == "operator"
    else:
        (said,) = recorded["body"]["SMSMessageData"]["Recipients"]
        assert await sender.send([message(number)]) == [
            Receipt("sent", provider_id=said["messageId"], cost=said["cost"])
        ]


TEXTS = [
    "1 SRO, 2 CTE",
    "Stock: é è ù & = + % / ~ * ' \" ;",
    "€ [ ] { }\r\n",
    "Fɛnɲɛ ŋ 😀",
    " ",
    "%C3%A9",
    "a" * 2000,
]


@pytest.mark.parametrize("sender_id", ["", "KUNNAFONI", "36000", "Santé+"])
@pytest.mark.parametrize("text", TEXTS)
async def test_both_send_the_same_bytes(text: str, sender_id: str, standin: StandIn) -> None:
    for kind in KINDS.values():
        sender = kind(settings(standin, sender_id), IN_TIME)
        await sender.send([message(AWA, text), message(BINTA, text)])
        await sender.close()
    sdk, http = standin.requests
    assert (sdk.method, sdk.path, sdk.body) == (http.method, http.path, http.body)
    for header in ("apiKey", "Accept", "Content-Type", "Content-Length"):
        assert CIMultiDict(sdk.headers)[header] == CIMultiDict(http.headers)[header]
    assert http.form == {
        "username": "sandbox",
        "to": f"{AWA},{BINTA}",
        "message": text,
        "bulkSMSMode": "1",
    } | ({"from": sender_id} if sender_id else {})


async def test_a_sender_closes_unused_and_used(kind: str, standin: StandIn) -> None:
    await KINDS[kind](settings(standin), IN_TIME).close()
    used = KINDS[kind](settings(standin), IN_TIME)
    await used.send([message()])
    await used.close()
    with pytest.raises(RuntimeError):
        await used.send([message()])


async def test_reports_come_twice_and_in_any_order(
    sender: Sender, standin: StandIn, provider: Provider, house: House
) -> None:
    receipts = await sender.send([message(AWA), message(BINTA)])
    url = str(provider.make_url(f"/africastalking/delivery?key={KEY}"))
    assert await standin.reports(url, standin.sent, times=3, order=Random(7)) == {200: 12}
    told = [report for report in house.told if isinstance(report, DeliveryReport)]
    for number, receipt in zip((AWA, BINTA), receipts, strict=True):
        about = [report.state for report in told if report.provider_id == receipt.provider_id]
        assert sorted(str(state) for state in about) == ["delivered"] * 3 + ["sent"] * 3
        assert {report.msisdn for report in told if report.provider_id == receipt.provider_id} == {number}
    assert await standin.report(url, standin.sent[0], "Failed", failureReason="DeliveryFailure") == 200
    assert isinstance(house.told[-1], DeliveryReport)
    assert house.told[-1].reason == "DeliveryFailure"


async def test_the_standin_insists_on_a_text(standin: StandIn) -> None:
    headers = {"apiKey": standin.api_key}
    url = f"{standin.url}/version1/messaging"
    async with standin._caller.post(
        url, data={"username": "sandbox", "to": AWA}, headers=headers
    ) as response:
        assert (response.status, await response.text()) == (400, "Must have message in your request")
