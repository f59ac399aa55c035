"""`users token`, `tokens` and `revoke`: what lets other systems in, from the machine."""

import pytest

from tests.cli.operator import Operator


def test_a_token_is_printed_once_listed_and_taken_back(operator: Operator) -> None:
    made = operator.types("users", "token", "DHIS2", "--scope", "reports:read", "--scope", "alerts:read")
    assert made.code == 0
    begins, id_, secret = made.out.strip().split(".")
    assert begins == "kunnafoni"
    listed = operator.types("users", "tokens")
    assert listed.lines == [f"{id_}\tDHIS2\treports:read alerts:read\t*\tgood"]
    assert secret not in listed.out
    assert operator.types("users", "revoke", id_).code == 0
    assert operator.types("users", "tokens").lines[0].endswith("\trevoked")


@pytest.mark.parametrize(
    ("said", "code", "why"),
    [
        (("token", "DHIS2", "--scope", "reports:read", "--area", "NOWHERE"), 1, "no org unit NOWHERE"),
        (("token", " ", "--scope", "reports:read"), 1, "the name of the system"),
        (("token", "DHIS2"), 2, "Missing option"),
        (("token", "DHIS2", "--scope", "all"), 2, "'all'"),
        (("revoke", "nothing"), 1, "there is no token nothing"),
    ],
)
def test_what_cannot_be_done_is_said(operator: Operator, said: tuple[str, ...], code: int, why: str) -> None:
    answer = operator.types("users", *said)
    assert (answer.code, why in answer.out + answer.err) == (code, True)
