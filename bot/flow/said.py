"""What the program gives the sentences that it says itself, whatever the flows are. Any other name has no value there.

A rule of alerts, or a type of question, that is not here gives what its own module says, and is not looked at.
"""

from collections.abc import Mapping

BY_CODE = (
    "common.",
    "sms.",
    "keyword.",
    "language.",
    "training.topic.",
    "budget.",
    "alert.digest",
    "reminder.",
    "card.",
)
"""What their keys begin with."""
_OF_QUESTIONS = ("common.wrong.", "common.example.")
_ALERT = "name unit msisdn number"
_TRAINING = "service_code topic place date"
_RULES: Mapping[str, str] = {
    "stockout": "product",
    "low": "product quantity level",
    "implausible": "product quantity",
    "epidemic": "what cases",
    "absent": "why",
    "silent": "what days",
    "unpaid": "month",
    "declined": "training",
    "newcomer": "",
}
_GIVEN: Mapping[str, str] = {
    "common.wrong.choice": "low high",
    "common.wrong.several": "high",
    "common.wrong.range": "low high",
    "common.wrong.length": "low high",
    "common.wrong.date": "example",
    "alert.digest": "count lines",
    "alert.digest_place": "line unit",
    "alert.digest_more": "more service_code",
    "budget.warning": "percent month budget",
    "budget.spent": "percent month budget",
    **dict.fromkeys(("sms.stored", "sms.cancelled"), "report"),
    "sms.corrected": "report before",
    "sms.hint": "correct example",
    **dict.fromkeys(("sms.help", "sms.help_leader"), "service_code"),
    **dict.fromkeys(("sms.alert_noted", "sms.alert_kept"), "text"),
    **dict.fromkeys(
        (
            *("sms.unknown_product", "sms.no_quantity", "sms.no_product", "sms.too_big", "sms.not_whole"),
            *("sms.repeated", "sms.nothing_to_correct", "sms.waiting", "sms.noise"),
        ),
        "raw",
    ),
    **dict.fromkeys(("sms.ok.done", "sms.ok.none", "sms.ok.not_hers", "sms.ok.resolved"), "number"),
    "sms.ok.acknowledged": "number who",
    "sms.ok.several": "numbers",
    "sms.status": "asc checked missing open",
    "sms.status.all": "asc checked open",
    "sms.confirmed": "supervisor_name",
    "sms.poll_noted": "answer",
    **dict.fromkeys(("reminder.checkin", "reminder.stock", "reminder.stock.again"), "service_code"),
    **dict.fromkeys(("reminder.payment", "reminder.payment.again"), "service_code month"),
    **dict.fromkeys(("reminder.invitation", "reminder.moved", "reminder.cancelled"), _TRAINING),
    **dict.fromkeys((f"reminder.training.{when}" for when in ("soon", "tomorrow", "today")), _TRAINING),
    "reminder.followup": _TRAINING,
    **{
        f"alert.{rule}.{which}": f"{_ALERT} {own}"
        for rule, own in _RULES.items()
        for which in ("told", "line")
    },
    **{f"alert.{rule}.many": f"{_ALERT} {own} count places" for rule, own in _RULES.items()},
}


def given(key: str) -> frozenset[str] | None:
    """The names that a sentence may hold in braces; None where that is not known here."""
    if key in _GIVEN:
        return frozenset(_GIVEN[key].split())
    return frozenset() if key.startswith(BY_CODE) and not key.startswith(_OF_QUESTIONS) else None
