"""What every page of the console is handed, and what a page is: see `docs/console.md` for how to add one."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web
from msgspec import Struct

from bot.accounts import Rank
from bot.channels import Port
from bot.services.accounts import Keeper
from bot.services.book import Book
from bot.services.broadcasts import Broadcasts
from bot.services.due import Reminders
from bot.services.editing.desk import Editing
from bot.services.figures import Figures
from bot.services.known import Programme
from bot.services.moving import Moving
from bot.services.overseer import Overseer
from bot.services.tokens import Admission
from bot.services.trainings import Planner
from bot.store.audit import Audit
from bot.store.contacts import Contacts
from bot.store.ledger import Ledger
from bot.store.outbox import Outbox
from bot.store.past import Past
from bot.store.releases import Releases
from bot.store.running import Running
from bot.store.search import Search
from bot.store.trainings import Trainings
from bot.store.uploads import Uploads

if TYPE_CHECKING:
    from bot.admin.visit import Visit

Handler = Callable[["Visit"], Awaitable[web.StreamResponse]]


class Desk(Struct, frozen=True):
    """The parts of the house that the console works with. `clock` gives Unix ms."""

    keeper: Keeper
    audit: Audit
    contacts: Contacts
    ledger: Ledger
    outbox: Outbox
    releases: Releases
    programme: Programme
    gateway: Port
    clock: Callable[[], int]
    editing: Editing
    running: Running
    search: Search
    past: Past
    uploads: Uploads
    book: Book
    figures: Figures
    overseer: Overseer
    ready: Callable[[], Awaitable[None]]
    """Raises StoreUnavailable when the store takes no write."""
    admission: Admission
    broadcasts: Broadcasts
    planner: Planner
    trainings: Trainings
    moving: Moving
    reminders: Reminders
    free_phone: bool = False
    """The drawn phone needs no sign-in at this machine: a demonstration."""


class Page(Struct, frozen=True):
    """One address below /admin. Its least rank is the law: `tests/admin/test_routes.py` walks them all."""

    path: str
    handler: Handler
    least: Rank = "viewer"
    method: str = "GET"
    menu: int = 0
    """Its place in the menu, where it is called `menu.<path>`; 0: not there. Each twenty places are a group."""
    limit: int = 64 * 1024
    """Bytes a form may have."""
    public: bool = False
    """For who is not signed in."""
    settles: bool = False
    """Open to who must still replace a one-time password."""

    @property
    def group(self) -> int:
        """Of the menu: `menu.group.<number>`."""
        return self.menu // 20
