"""Every part of the store over one server: what is kept, each with the rules it is kept by."""

from bot.config import Settings
from bot.store.alerts import Alerts
from bot.store.archived import Archived
from bot.store.archives import Archives
from bot.store.audit import Audit
from bot.store.contacts import Contacts
from bot.store.functions import Functions
from bot.store.leases import Leases
from bot.store.ledger import Ledger
from bot.store.outbox import Outbox
from bot.store.past import Past
from bot.store.releases import Releases
from bot.store.roster import Roster
from bot.store.running import Running
from bot.store.search import Search
from bot.store.servers import Server
from bot.store.sessions import Sessions
from bot.store.spent import Expenses
from bot.store.trainings import Trainings
from bot.store.uploads import Uploads
from bot.store.words import Words


class Stores:
    """Built in order, once; a house has them all."""

    def __init__(self, settings: Settings, server: Server) -> None:
        shards = settings.store.shards
        functions = Functions(server.tick)
        self.server = server
        self.functions = functions
        self.sessions = Sessions(functions, shards)
        self.releases = Releases(functions)
        self.contacts = Contacts(functions, shards)
        self.archived = Archived(functions, Archives(settings.store.archive_folder))
        self.ledger = Ledger(functions, shards, self.archived)
        self.outbox = Outbox(functions, shards, settings.sms.digest_window * 1000, self.archived)
        self.leases = Leases(functions)
        self.expenses = Expenses(functions, shards)
        self.alerts = Alerts(functions, shards, self.archived)
        self.roster = Roster(functions, shards)
        self.trainings = Trainings(functions, shards)
        self.words = Words(functions, shards, self.archived)
        self.audit = Audit(functions)
        self.running = Running(functions, shards)
        self.past = Past(functions, self.archived, shards)
        self.search = Search(functions, self.ledger, self.past, shards)
        self.uploads = Uploads(functions)
