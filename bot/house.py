"""Every object over one store, built once and in order: what the processes are made of."""

import logging
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from bot import channels, files
from bot.channels import Channel
from bot.channels.simulator import Nowhere
from bot.config import ConfigError, Settings
from bot.files import conversations, root
from bot.flow.release import Release
from bot.gateway import Gateway
from bot.messages import Reply
from bot.metrics import Metrics
from bot.services.accounts import Keeper
from bot.services.agenda import Agenda
from bot.services.archiving import ARCHIVE_EVERY_MS, Archiving
from bot.services.book import Book
from bot.services.broadcasts import Broadcasts
from bot.services.calendar import Calendar
from bot.services.desk import Route
from bot.services.due import EVERY_MS, Reminders
from bot.services.figures import Figures
from bot.services.forgetting import FORGET_EVERY_MS, Forgetting
from bot.services.inbox import Inbox
from bot.services.known import Programme
from bot.services.leading import Leading
from bot.services.mailing import Bounced, Mailing
from bot.services.moving import EVERY_MS as MOVES_EVERY_MS
from bot.services.moving import Moving
from bot.services.overseer import Overseer
from bot.services.spending import Spending
from bot.services.tokens import Admission
from bot.services.trainings import Planner
from bot.services.unfinished import Unfinished
from bot.store.accounts import Accounts
from bot.store.broadcasts import Broadcasts as Announced
from bot.store.diary import Diary
from bot.store.drafts import Drafts
from bot.store.moves import Moves
from bot.store.rates import Rates
from bot.store.servers import Server
from bot.store.tokens import Tokens
from bot.stores import Stores
from bot.text.fold import to_gsm
from bot.toml import Table
from bot.worker import Job, Worker

if TYPE_CHECKING:
    from bot.services.editing.desk import Editing

_log = logging.getLogger("kunnafoni.app")


class House(Stores):
    """Everything over one store; the parts are built when they are first needed by whoever opens it."""

    def __init__(
        self,
        settings: Settings,
        server: Server,
        clock: Callable[[], int],
        line: Callable[[str], None] = _log.info,
    ) -> None:
        super().__init__(settings, server)
        functions, shards = self.functions, settings.store.shards
        self.settings = settings
        self.clock = clock
        self.metrics = Metrics()
        self.programme = Programme(settings)
        self.spending = Spending(self.expenses, self.contacts, self.outbox, self.programme)
        self.leading = Leading(
            self.alerts,
            self.contacts,
            self.outbox,
            self.sessions,
            self.releases,
            self.programme,
            self.metrics,
            clock,
        )
        agenda = Agenda(settings, Calendar(settings.calendar, self.programme.zone))
        self.planner = Planner(self.trainings, self.roster, self.outbox, agenda, self._release)
        self.reminders = Reminders(
            agenda, self.roster, self.trainings, self.outbox, self._release, self.leading.silent
        )
        self.broadcasts = Broadcasts(
            Announced(functions, shards),
            self.contacts,
            self.outbox,
            self.releases,
            self.programme,
            self.spending,
            self.trainings,
            clock,
        )
        self.forgetting = Forgetting(self.words, self.programme)
        self._unfinished = Unfinished(self.sessions, self.releases, self.programme, clock)
        self.moving = Moving(
            Moves(functions, shards),
            self.contacts,
            self.ledger,
            self.audit,
            self.sessions,
            self._unfinished.keep_partial,
            self.programme.local,
            clock,
        )
        self.archiving = Archiving(
            functions, self.archived, [self.outbox.things, self.alerts.things], self.programme
        )
        self.jobs = [
            Job("reminders", EVERY_MS, self.reminders.run),
            self.leading.job,
            Job("forgetting", FORGET_EVERY_MS, self.forgetting.run),
            Job("moves", MOVES_EVERY_MS, self.moving.job),
            Job("packing", ARCHIVE_EVERY_MS, self.archiving.packing),
            *([Job("archiving", ARCHIVE_EVERY_MS, self.archiving.run)] if self.archiving.here else []),
        ]
        """What else its workers do again and again; whose silence is told is found before it is told."""
        self.bounced: Bounced = self.leading.bounced
        self.admission = Admission(Tokens(functions), self.audit, clock)
        self.keeper = Keeper(Accounts(functions), self.audit, clock)
        self.book = Book(self.contacts)
        self.figures = Figures(
            self.roster,
            Diary(functions, shards),
            self.alerts,
            self.expenses,
            self.outbox,
            self.past,
            self.programme,
            clock,
        )
        self.overseer = Overseer(self.alerts, self.outbox, self.programme.judge, self.metrics)
        self.channels = {name: _channel(name, table) for name, table in settings.channels.items()}
        self.gateway = Gateway(
            self.sessions,
            self.releases,
            self.programme,
            Inbox(self.sessions, self.releases, self.programme, self.leading, clock),
            self.leading,
            self.contacts,
            self.outbox,
            self.metrics,
            clock,
            line,
        )

    @cached_property
    def editing(self) -> "Editing":
        """Loaded when the console is."""
        from bot.services.editing.desk import Editing  # noqa: PLC0415 - the console's: no call waits for it

        drafts, played = Drafts(self.functions), conversations(root())
        return Editing(drafts, self.releases, self.contacts, self.settings, played, self.clock)

    def _release(self) -> Release:
        """The current one; where none was published yet, what the files say."""
        current = self.releases.current
        return self.releases.find(current) if current else Release(files.source(files.root()))

    def busy(self) -> Reply:
        """What a phone hears that asks more than a person can."""
        words = self.releases.find(self.releases.current).words
        return Reply(to_gsm(words.say(self.settings.programme.default_language, "common.busy")), ends=True)

    def worker(self, routes: Mapping[str, Route] | None = None) -> Worker:
        """A worker that sends by these routes, as a rule those of the settings."""
        lease = self.settings.sms.lease * 1000
        mailing = Mailing(
            self.outbox,
            self.contacts,
            self.releases,
            self.programme,
            self.spending,
            Rates(self.functions),
            routes or self._routes(),
            self.metrics,
            self.clock,
            lease,
            self.bounced,
            self.leading.stands,
        )
        return Worker(
            mailing,
            self.outbox,
            self._unfinished,
            self.spending,
            self.releases,
            self.leases,
            self.clock,
            lease,
            self.jobs,
        )

    def _routes(self) -> dict[str, Route]:
        """How each channel sends; with none that can, messages stay here, for the phone simulator to read."""
        able = {
            name: Route(channel.sender, channel.rate, channel.width)
            for name, channel in self.channels.items()
            if channel.sends
        }
        if not able:
            _log.warning("no_channel_sends: no api_key is set, so SMS are only shown on the phone simulator")
        # What the simulator was told stays with it, whoever else can send.
        return {**able, "simulator": Route(Nowhere(), 0, 256)}

    async def close(self) -> None:
        for channel in self.channels.values():
            await channel.sender.close()


def _channel(name: str, table: Table) -> Channel:
    """Raises ConfigError for a channel there is not, and for settings it cannot work with."""
    try:
        kind = channels.load([name])[name]
        return kind.create(table.read(kind.Settings))
    except (LookupError, ValueError) as error:
        raise ConfigError([table.origin.problem(table.where, str(error))]) from error
