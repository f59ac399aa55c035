"""`kunnafoni broadcast` shows before it sends; `kunnafoni broadcasts` tells what became of it."""

import json

from tests.cli.operator import Operator

SAYS = (
    "broadcast",
    "--fr",
    "Bonjour {name}, reunion vendredi ?",
    "--ask",
    "Oui,Non",
    "--now",
    "2026-11-20T10:00",
)
TO_ASC = (*SAYS, "--role", "asc", "--unit", "ML/SEG")


async def nothing(_: object) -> None:
    """Only the demo programme."""


def outgoing(operator: Operator) -> list[dict[str, str]]:
    return [json.loads(line) for line in operator.types("outbox", "export").lines]


def test_it_is_shown_and_not_sent(operator: Operator) -> None:
    operator.fills(nothing)
    said = operator.types(*TO_ASC)
    assert said.code == 0
    assert "18 messages, 18 segments, 216 FCFA" in said.out
    assert "bm: 9 messages, 9 segments, 108 FCFA (said in French)" in said.out
    assert "ML/SEG/BLA: 12 messages, 12 segments, 144 FCFA" in said.out
    assert "budget: none; 0 FCFA spent this month" in said.out
    assert "left out: 0" in said.out
    assert "  1 Oui" in said.lines
    assert said.lines[-1] == "nothing is sent: --send sends it"
    assert outgoing(operator) == []
    assert operator.types("broadcasts").lines == []


def test_it_is_sent_once(operator: Operator) -> None:
    operator.fills(nothing)
    for _ in range(2):
        said = operator.types(*TO_ASC, "--send", "--by", "Sata")
        assert (said.code, said.lines[-1].startswith("sent as ")) == (0, True)
    assert len(outgoing(operator)) == 18
    (told,) = map(json.loads, operator.types("broadcasts").lines)
    assert (told["by"], told["people"], told["waiting"]) == ("Sata", 18, 18)
    assert told["answers"] == {"Oui": 0, "Non": 0}
    assert operator.types("worker", "--once", "--now", "2026-11-20T10:05").code == 0
    sheet = operator.types("broadcasts", "--format", "csv").lines
    assert sheet[0].startswith("id,at,by,audience,text,urgent,people,waiting,sent,delivered,")
    assert ",18,0,0,18," in sheet[1], "the simulator has delivered all"


def test_a_budget_that_does_not_reach_is_said(operator: Operator) -> None:
    operator.fills(nothing)
    said = operator.types(*TO_ASC, env={"KUNNAFONI_SMS__BUDGET": "100"})
    assert (
        "budget: 0 of 100 FCFA spent this month, 216 with this: MORE THAN THERE IS; what is over waits"
        in said.out
    )


def test_it_is_shown_as_it_is_sent_and_a_training_there_is_not_is_refused(operator: Operator) -> None:
    operator.fills(nothing)
    said = operator.types(*TO_ASC, "--bm", "I ni ce, lajɛ bɛ kɛ")
    assert "to a reader of bm:\n  I ni ce, lajè bè kè\n" in said.out
    refused = operator.types(*SAYS, "--who-has-not", "training:F-1999", "--send")
    assert (refused.code, "no such training; there are: F-2026-12-01-BLA" in refused.out) == (1, True)
    assert outgoing(operator) == []


def test_who_is_left_out_is_named(operator: Operator) -> None:
    operator.fills(nothing)
    numbers = operator.folder / "numbers.txt"
    numbers.write_text("70000001\n" + "".join(f"790000{n:02}\n" for n in range(22)), "utf-8")
    said = operator.types(*SAYS, "--list", str(numbers))
    assert "1 messages" in said.out
    assert "+22379000000 : not on the roster, or not meant" in said.out
    assert "  and 2 more" in said.lines


def test_what_is_wrong_is_said_and_nothing_is_sent(operator: Operator) -> None:
    operator.fills(nothing)
    numbers = operator.folder / "numbers.txt"
    numbers.write_text("70000001\n12\n", "utf-8")
    bad_list = operator.types(*SAYS, "--list", str(numbers), "--send")
    assert (bad_list.code, len(bad_list.lines)) == (1, 1)
    nowhere = operator.types(*SAYS, "--unit", "XXX", "--role", "chief", "--send")
    assert (nowhere.code, len(nowhere.lines)) == (1, 2)
    assert outgoing(operator) == []


def test_wrong_usage(operator: Operator) -> None:
    assert operator.types("broadcast", "--role", "asc").code == 2
