"""What the provider says, and what the house is told: a good form of each callback."""

import json
from pathlib import Path
from typing import Any

from bot.channels import CallEnd
from bot.messages import DeliveryReport, Inbound
from tests.channels.house import Told

RECORDED: dict[str, Any] = json.loads((Path(__file__).parent / "recorded.json").read_text())
NUMBER = "+22376123456"
FORMS: dict[str, dict[str, str]] = {
    "ussd": {
        "sessionId": "ATUid_1",
        "serviceCode": "*384*1234#",
        "phoneNumber": NUMBER,
        "text": "2*1",
        "networkCode": "61002",
    },
    "ussd/end": {
        "sessionId": "ATUid_1",
        "phoneNumber": NUMBER,
        "status": "Failed",
        "durationInMillis": "12345",
        "hopsCount": "3",
        "errorMessage": "Response should start with\nCON or END",
    },
    "sms": {
        "from": NUMBER,
        "to": "36000",
        "text": "STOCK CTE 12",
        "id": "b8f1",
        "date": "2026-11-21 08:00:00",
        "linkId": "",
        "cost": "XOF 12",
        "networkCode": "61002",
    },
    "delivery": {
        "id": "ATXid_1",
        "status": "Failed",
        "phoneNumber": NUMBER,
        "networkCode": "61002",
        "failureReason": "UserInBlackList",
        "retryCount": "0",
    },
    "optout": {"senderId": "36000", "phoneNumber": NUMBER},
}
TOLD: dict[str, Told] = {
    "ussd": Inbound("africastalking", "ussd", "ATUid_1", NUMBER, "2*1", "*384*1234#", "61002"),
    "ussd/end": CallEnd("ATUid_1", NUMBER, "Failed", 12345, 3, "Response should start with\nCON or END"),
    "sms": Inbound("africastalking", "sms", "b8f1", NUMBER, "STOCK CTE 12", "36000", "61002"),
    "delivery": DeliveryReport("ATXid_1", NUMBER, "Failed", "failed", "UserInBlackList"),
    "optout": NUMBER,
}
