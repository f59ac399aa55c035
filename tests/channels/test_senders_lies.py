"""Both senders when the provider's answer is not true, or cannot be: what we make of each lie, by our own rule."""

import pytest

from bot.messages import Receipt, Sender
from tests.channels.sending import AWA, BINTA, error_of, message, what_to_do
from tests.standin import Lie, Says, StandIn

TAKEN = Receipt("sent", provider_id="ATXid_" + "0" * 32, cost="XOF 12.0000", parts=1)
LIES = [
    ('[{"messageId": "None"}]', Receipt("sent", cost="XOF 12.0000", parts=1)),
    ('[{"messageId": ""}]', Receipt("sent", cost="XOF 12.0000", parts=1)),
    ('[{"messageId": "%s"}]' % ("x" * 129), Receipt("sent", cost="XOF 12.0000", parts=1)),
    ('[{"messageParts": 0}]', Receipt("sent", provider_id=TAKEN.provider_id, cost="XOF 12.0000")),
    ('[{"messageParts": -7}]', Receipt("sent", provider_id=TAKEN.provider_id, cost="XOF 12.0000")),
    ('[{"messageParts": 4000}]', Receipt("sent", provider_id=TAKEN.provider_id, cost="XOF 12.0000")),
    ("[{}, {}]", TAKEN),
    ('[{}, {"statusCode": 500}]', "taken and refused"),
    ('[{"statusCode": 403}, {}]', "taken and refused"),
    ('[{"statusCode": 500, "status": "InternalServerError"}]', "and yet it has the id"),
    ('[{"number": "+22370000099"}]', "does not name this number"),
    ('[{"status": "Failed"}]', TAKEN),
]


@pytest.mark.parametrize(("says", "made_of_it"), LIES)
async def test_a_lie_about_one_recipient_harms_no_other_and_makes_us_repeat_nothing(
    says: str, made_of_it: Receipt | str, sender: Sender, standin: StandIn
) -> None:
    standin.behave(AWA, Lie(says))
    awa, binta = await sender.send([message(AWA), message(BINTA)])
    assert binta.state == "sent"
    if isinstance(made_of_it, Receipt):
        assert awa == made_of_it
    else:
        assert (awa.state, awa.retryable, made_of_it in awa.reason) == ("unknown", False, True)


@pytest.mark.parametrize(
    "answer",
    [
        Says(200, "<html>Sent!</html>", "text/html"),
        Says(200, '{"error": "Something went wrong"}', "application/json"),
        Says(201, '{"SMSMessageData": {"Message": "Sent to 1/1", "Recipients": [null]}}', "application/json"),
        Says(504, "<html><h1>504 Gateway Time-out</h1></html>", "text/html"),
        Says(504, "504 Gateway Timeout"),
    ],
)
async def test_success_that_says_nothing_and_a_proxys_time_out_are_in_doubt(
    answer: Says, sender: Sender, standin: StandIn
) -> None:
    standin.behave(AWA, answer)
    assert what_to_do(await error_of(sender, message())) == "in doubt"
