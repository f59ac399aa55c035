"""What the rules make of a report: alerts raised and ended, in the same commit as its rows."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, json, structs

from bot import rules
from bot.config import ConfigError, Settings
from bot.flow.effects import Effect, Record
from bot.rules import Clear, Common, Finding, Limits, Raise
from bot.store.alerts import Raised

if TYPE_CHECKING:
    from bot.services.known import Programme
    from bot.services.reports import Saying

EXCESS = 6
"""A stock above six times its maximum is asked again (cStock's rule: docs/decisions/0009)."""


NAME, UNIT = 32, 32
"""Letters of a name, and of a place, that a message of one segment has room for."""


class Judged(Struct, frozen=True):
    """What the rules found in one step."""

    raised: tuple[Raised, ...] = ()
    cleared: tuple[str, ...] = ()


NOTHING = Judged()


class Judge:
    """The rules with their settings. Raises ConfigError for a rule there is not, and for settings it cannot take."""

    def __init__(self, settings: Settings) -> None:
        found = rules.load()
        problems = [
            table.origin.problem(table.where, f"no such rule; there are: {', '.join(found)}")
            for name, table in settings.alerts.items()
            if name not in found
        ]
        self.settings: dict[str, Common] = {}
        for name, rule in found.items():
            table = settings.alerts.get(name)
            try:
                self.settings[name] = table.read(rule.Settings) if table is not None else rule.Settings()
            except ConfigError as error:
                problems += error.problems
        if problems:
            raise ConfigError(sorted(problems))
        self._delays = {name: tuple(map(_ms, own.escalate)) for name, own in self.settings.items()}
        self._calm = {name: _ms(own.calm) for name, own in self.settings.items()}
        self._rules = {
            name: (rule.judge, self.settings[name])
            for name, rule in found.items()
            if self.settings[name].enabled
        }
        self._limits = {
            code: Limits(product.monthly_use, product.reorder_months, EXCESS * product.maximum)
            for code, product in settings.products.items()
        }

    def delays(self, name: str) -> tuple[int, ...]:
        """How long each level has to answer before the next hears (ms); none for a rule that is gone."""
        return self._delays.get(name, ())

    def judge(self, effects: Iterable[Effect], saying: "Saying", programme: "Programme") -> Judged:
        """Judges every row of the reports among these effects."""
        records = [effect for effect in effects if isinstance(effect, Record)]
        if not records:
            return NOTHING
        found = list(self._findings(records, saying, programme))
        raised = {
            finding.subject: self._raised(name, finding, saying)
            for name, finding in found
            if isinstance(finding, Raise)
        }
        standing = self._standing(records, saying, programme)
        ended = (finding.subject for _, finding in found if isinstance(finding, Clear))
        over = dict.fromkeys(subject for subject in ended if subject not in standing)
        return Judged(tuple((standing | raised).values()), tuple(over))

    def _standing(
        self, records: Iterable[Record], saying: "Saying", programme: "Programme"
    ) -> dict[str, Raised]:
        """Causes that stand again, because the report that ended them is taken back."""
        found: dict[str, Raised] = {}
        for record in records:
            if not record.void:
                continue
            again = structs.replace(record, rows=record.again, void=False)
            for name, finding in self._findings([again], saying, programme):
                if isinstance(finding, Raise):
                    raised = self._raised(name, finding, saying)
                    found[finding.subject] = structs.replace(raised, again=False, undoes=record.undoes)
        return found

    def _findings(
        self, records: Iterable[Record], saying: "Saying", programme: "Programme"
    ) -> Iterator[tuple[str, Finding]]:
        day = programme.local(saying.at).date()
        for record in records:
            for answers in record.rows:
                said = rules.Said(
                    kind=record.kind,
                    answers=answers,
                    day=day,
                    void=record.void,
                    contact=saying.pin.contact,
                    known=saying.pin.known,
                    limits=self._limits,
                )
                for name, (judge, own) in self._rules.items():
                    for finding in judge(said, own):
                        yield name, finding

    def _raised(self, name: str, finding: Raise, saying: "Saying") -> Raised:
        return self.raised(name, finding, saying.msisdn, saying.pin.contact, saying.at)

    def raised(self, name: str, finding: Raise, msisdn: str, contact: Mapping[str, str], at: int) -> Raised:
        """A finding with who it is about: her fields as the store has them."""
        values: dict[str, Any] = {
            "name": rules.cut(contact.get("name", ""), NAME),
            "unit": rules.cut(contact.get("unit_name", ""), UNIT),
            "msisdn": msisdn,
            **finding.values,
        }
        return Raised(
            kind=name,
            subject=finding.subject,
            msisdn=msisdn,
            name=values["name"],
            unit=contact.get("org_unit", ""),
            path=contact.get("path", ""),
            supervisor=finding.supervisor or contact.get("supervisor", ""),
            values=json.encode(values).decode(),
            at=at,
            urgent=self.settings[name].urgent,
            again=finding.again,
            calm=self._calm[name],
        )


def _ms(delay: str) -> int:
    return int(rules.span(delay).total_seconds() * 1000) if delay else 0
