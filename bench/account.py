"""The phones' own account held against the ledger: what was acknowledged is there, as it was said, and once."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct


class Answers(Struct, frozen=True):
    product: str
    quantity: int


class Row(Struct, frozen=True):
    """As much of a line of `reports export` as is compared."""

    msisdn: str
    answers: Answers


class Audit(Struct, frozen=True):
    acknowledged: int
    """Rows: one a product."""
    lost: int
    surplus: int
    """Rows kept twice, or as nobody said them."""

    @classmethod
    def of(cls, audits: Sequence["Audit"]) -> "Audit":
        """Several together."""
        return cls(
            sum(one.acknowledged for one in audits),
            sum(one.lost for one in audits),
            sum(one.surplus for one in audits),
        )


def audit(acknowledged: Mapping[str, Mapping[str, int]], rows: Iterable[Row]) -> Audit:
    """Compare the quantities that each number was told are kept with those that are."""
    said = Counter(
        (msisdn, product, quantity)
        for msisdn, counted in acknowledged.items()
        for product, quantity in counted.items()
    )
    kept = Counter(
        (row.msisdn, row.answers.product, row.answers.quantity) for row in rows if row.msisdn in acknowledged
    )
    return Audit(said.total(), lost=(said - kept).total(), surplus=(kept - said).total())
