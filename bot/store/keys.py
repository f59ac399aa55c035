"""Every key's name and life, here and nowhere else. A contact's keys share the hash tag of her shard."""

from binascii import crc_hqx
from datetime import timedelta
from functools import lru_cache

from msgspec import Struct

SESSION = timedelta(minutes=15)
"""How long a call can be rebuilt from its transcript: networks end calls after 3 minutes."""
SESSION_REUSE = timedelta(minutes=10)
"""After this the same session id is another call."""
SEEN = timedelta(days=2)
"""How long a request is answered as it was answered first: providers repeat an SMS for 12 hours."""
DRAFT = timedelta(days=1)
"""How long an unfinished report is offered again before it is kept as partial."""
SIGN_IN_IDLE = timedelta(hours=2)
"""A browser that asks for nothing for so long is signed out."""
SIGN_IN = timedelta(hours=12)
"""And in any case after a working day."""
UPLOAD = timedelta(hours=1)
"""How long a sheet that was shown before it is taken can still be taken."""
TRIES = timedelta(minutes=15)
"""How long a wrong password is held against whoever tried it."""
DAY_KEPT = timedelta(days=100)
DELIVERY = timedelta(days=7)
WRITTEN = timedelta(days=2)

PROGRAMME = "{kunnafoni}"
UNITS = f"{PROGRAMME}:units"
TRAININGS = f"{PROGRAMME}:trainings"
RELEASES = f"{PROGRAMME}:releases"
FILES = f"{PROGRAMME}:files"
"""The flow and word files as they were when they were last published from the folder."""
EDITED = f"{PROGRAMME}:edited"
"""The draft of the next release: its latest versions by number, and which is current."""
META = f"{PROGRAMME}:meta"
RATES = f"{PROGRAMME}:rate:"
"""Prefix: until when a channel's messages have used up its pace (µs)."""
LEASES = f"{PROGRAMME}:lease:"
"""Prefix: who holds a repeating job."""

LANES = ("", ":told", ":grouped", ":reminder", ":broadcast")
"""What is sent first: replies; what is told at once; alerts that may become one SMS; reminders; broadcasts."""
REPLY, TOLD, GROUPED, REMINDER, BROADCAST = LANES
BROADCASTS = f"{PROGRAMME}:broadcasts"
"""Each broadcast by its id."""
ACCOUNTS = f"{PROGRAMME}:accounts"
AUDIT = f"{PROGRAMME}:audit"
MOVES = f"{PROGRAMME}:moves"
"""Contacts on their way from one number to another, by the move's id: noted before anything is done."""
TOKENS = f"{PROGRAMME}:tokens"
"""What lets other systems in, by id."""


def sign_in(digest: str) -> str:
    return f"{PROGRAMME}:signin:{digest}"


def sign_ins(name: str) -> str:
    """The digests of an account's sign-ins, those that have ended among them."""
    return f"{PROGRAMME}:signins:{name}"


def upload(name: str) -> str:
    return f"{PROGRAMME}:upload:{name}"


def tries(who: str) -> str:
    return f"{PROGRAMME}:tries:{who}"


@lru_cache(4096)
def _tag(number: int, space: str) -> str:
    return f"{{s{number:02d}}}{space}"


class Shard(Struct, frozen=True):
    """The keys of one shard; all in one slot, so one function call can touch them together."""

    number: int
    space: str = ""
    """Another set of the same keys beside the first, for comparing."""

    @property
    def tag(self) -> str:
        return _tag(self.number, self.space)

    def session(self, session: str, msisdn: str) -> str:
        """Of a call: the provider's id, and whose it is, should that id ever be given twice."""
        return f"{self.tag}:us:{session}:{msisdn}"

    def draft(self, msisdn: str) -> str:
        return f"{self.tag}:run:{msisdn}"

    @property
    def drafts(self) -> str:
        """When each draft becomes a partial report: msisdn by Unix ms."""
        return f"{self.tag}:drafts"

    def contact(self, msisdn: str) -> str:
        return f"{self.tag}:contact:{msisdn}"

    @property
    def contacts(self) -> str:
        return f"{self.tag}:contacts"

    def known(self, msisdn: str) -> str:
        """The latest of each subject: `stock:SRO` → `12~20@1763760000000`: 12 left, 20 used a month, said then."""
        return f"{self.tag}:known:{msisdn}"

    def last(self, msisdn: str) -> str:
        """The latest row of each subject and the one before it, for corrections."""
        return f"{self.tag}:last:{msisdn}"

    def ledger(self, month: str) -> str:
        return f"{self.tag}:ledger:{month}"

    @property
    def months(self) -> str:
        return f"{self.tag}:months"

    @property
    def counts(self) -> str:
        """Prefix: a hash a day and a hash a month, `unit|indicator` → number."""
        return f"{self.tag}:count:"

    def packed(self, period: str) -> str:
        """The same of a day or a month that is over, as store.counts packs it; later corrections stand beside it."""
        return f"{self.tag}:packed:{period}"

    @property
    def days(self) -> str:
        """Prefix: a hash a day of who said what how often, `checkin:+223…` → 1."""
        return f"{self.tag}:day:"

    def years(self, msisdn: str) -> str:
        """Prefix: a compact hash a contact and year: `c325` → check-in, `s47` → stock of that week."""
        return f"{self.tag}:year:{msisdn}:"

    def seen(self, request: str) -> str:
        return f"{self.tag}:seen:{request}"

    @property
    def messages(self) -> str:
        """Prefix: a hash a message."""
        return f"{self.tag}:out:"

    @property
    def outbox(self) -> str:
        """Every message by the time it was made."""
        return f"{self.tag}:outbox"

    @property
    def due(self) -> str:
        """What waits to be sent, by when (Unix ms); and the prefix of the lanes (`LANES`)."""
        return f"{self.tag}:due"

    @property
    def groups(self) -> str:
        """Prefix: a set a recipient of what waits to become one SMS."""
        return f"{self.tag}:group:"

    @property
    def sending(self) -> str:
        """What a worker is sending, by the end of its lease."""
        return f"{self.tag}:sending"

    def written(self, msisdn: str, day: str) -> str:
        """The messages that count against her daily cap."""
        return f"{self.tag}:cap:{day}:{msisdn}"

    def spent(self, month: str) -> str:
        """A hash a month: `ML/SEG/FALO|reminder|cost` → 1/100 FCFA, `…|segments`; and `total`."""
        return f"{self.tag}:spent:{month}"

    def poll(self, broadcast: str) -> str:
        """Who answered what a broadcast asked: msisdn → `2@1763760000000`, the choice and when."""
        return f"{self.polls}{broadcast}"

    @property
    def polls(self) -> str:
        return f"{self.tag}:poll:"

    @property
    def forgotten(self) -> str:
        """The months whose words were taken out of the ledger; `out:202511` says the same of messages."""
        return f"{self.tag}:forgotten"

    @property
    def archived(self) -> str:
        """What was moved to archive files: `ledger:202605` → the id of the last entry, `outbox:202605` → how many."""
        return f"{self.tag}:archived"

    @property
    def ready(self) -> str:
        """Written to see whether it can be; gone a moment later."""
        return f"{self.tag}:ready"

    def delivery(self, provider_id: str, msisdn: str) -> str:
        """Which message of ours to her the provider calls so; it may give one name to several people's."""
        return f"{self.tag}:mid:{provider_id}:{msisdn}"

    def early(self, provider_id: str, msisdn: str) -> str:
        """A delivery report that came before we knew the provider's name for the message."""
        return f"{self.tag}:early:{provider_id}:{msisdn}"

    @property
    def alerts(self) -> str:
        """Every alert of this shard's contacts, by when it was opened (Unix ms)."""
        return f"{self.tag}:alerts"

    @property
    def open_alerts(self) -> str:
        """Those that are not resolved."""
        return f"{self.tag}:alerts:open"

    @property
    def next_alerts(self) -> str:
        """Those that somebody must hear of, by when (Unix ms)."""
        return f"{self.tag}:alerts:next"

    @property
    def alert_count(self) -> str:
        """How many there were: an alert's number is this times the shards, plus the shard's own number."""
        return f"{self.tag}:alerts:count"

    @property
    def alert(self) -> str:
        """Prefix: a hash an alert, and its log beside it, `…:log`."""
        return f"{self.tag}:alert:"

    def subjects(self, msisdn: str) -> str:
        """A contact's alerts that are not resolved: `stockout:SRO` → number."""
        return f"{self.tag}:alerts:of:{msisdn}"

    def ended(self, msisdn: str) -> str:
        """Those that her own reports ended last: `stockout:SRO` → number."""
        return f"{self.tag}:alerts:ended:{msisdn}"

    @property
    def held(self) -> str:
        """Prefix: a set a leader of this shard's alerts that she was told of and that are not resolved."""
        return f"{self.tag}:held:"

    def team(self, msisdn: str) -> str:
        """Whose supervisor she is."""
        return f"{self.tag}:team:{msisdn}"

    @property
    def leaders(self) -> str:
        """The leaders among this shard's contacts."""
        return f"{self.tag}:leaders"

    def left(self, msisdn: str) -> str:
        """Where whoever had this number went: `id`, `to`, `at` (Unix ms); `carried` until all of it has arrived."""
        return f"{self.tag}:left:{msisdn}"

    def came(self, msisdn: str) -> str:
        """The moves that arrived at this number: id → its alerts' old and new numbers."""
        return f"{self.tag}:came:{msisdn}"


def shard_of(msisdn: str, shards: int) -> Shard:
    """CRC-16/XMODEM of the number: fixed for ever, since every key of the contact hangs on it."""
    return Shard(crc_hqx(msisdn.encode(), 0) % shards)
