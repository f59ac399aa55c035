"""Who leads where: the next to be told of an alert, and whose an alert is to answer for."""

from collections.abc import Iterable, Iterator

from bot.people import LADDER, LEADERS, Contact
from bot.store.alerts import Alert


class Leaders:
    """The leaders of the roster, as they were read at one time."""

    def __init__(self, contacts: Iterable[Contact] = ()) -> None:
        self._by_number = {contact.msisdn: contact for contact in contacts if contact.role in LEADERS}

    def next(self, alert: Alert) -> tuple[int, Contact] | None:
        """Who hears of it now, and at which level; None when there is nobody, or nobody further up."""
        passed = {alert.msisdn, *alert.heard, *alert.bounced}
        for level in range(alert.step if alert.heard else 0, len(LADDER)):
            for leader in self._at(level, alert):
                if leader.active and not leader.stopped and leader.msisdn not in passed:
                    return max(level, LADDER.index(leader.role)), leader
        return None

    def _at(self, level: int, alert: Alert) -> Iterator[Contact]:
        """Her supervisor first, or who has that office where she names none; above, the nearest on her path."""
        own = self._by_number.get(alert.supervisor)
        if level == 0 and own is not None:
            yield own
            return
        codes = self._path(alert, own).split("/")
        near = (one for one in self._by_number.values() if one.org_unit in codes)
        fit = (one for one in near if one.role == LADDER[level])
        yield from sorted(fit, key=lambda one: (-codes.index(one.org_unit), one.msisdn))

    def _path(self, alert: Alert, own: Contact | None) -> str:
        """Hers; of somebody on no roster, that of the supervisor she named."""
        return alert.path or (own.path if own else "")


def answers_for(leader: Contact, alert: Alert) -> bool:
    """Whether an alert is hers to acknowledge: she was told of it, or leads where it happened."""
    if not leader.active or leader.role not in LEADERS:
        return False
    told = {alert.supervisor, alert.holder, *alert.heard}
    return leader.msisdn in told or leader.org_unit in alert.path.split("/")
