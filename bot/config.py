"""What an operator may set, by section of config.toml. Nothing unknown and nothing ill-typed gets past."""

from collections.abc import Iterator, Mapping
from datetime import time
from math import ceil
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Meta, Struct

from bot.config_reminders import Calendar, Reminders
from bot.toml import ConfigError, Table, Where, open_file

__all__ = ["ConfigError", "Settings", "load"]

Port = Annotated[int, Meta(ge=0, le=65535)]
AtLeastOne = Annotated[int, Meta(ge=1)]
Count = Annotated[int, Meta(ge=0)]
Percent = Annotated[int, Meta(ge=1, le=99)]
Rate = Annotated[float, Meta(ge=0, le=1e6)]
Money = Annotated[float, Meta(ge=0, le=1e12)]
Months = Annotated[float, Meta(gt=0, le=60)]
Septets = Annotated[int, Meta(ge=60, le=182)]
Language = Annotated[str, Meta(pattern=r"\A[a-z]{2,3}\Z", description="a language code such as fr")]
Code = Annotated[
    str, Meta(pattern=r"\A[A-Z][A-Z0-9]{1,5}\Z", description="2 to 6 capitals or digits, a letter first")
]
ServiceCode = Annotated[str, Meta(pattern=r"\A[*#][0-9*]+#\Z", description="what is dialled, such as *123#")]
Url = Annotated[
    str, Meta(pattern=r"\A(embedded|[a-z+]+://\S+)\Z", description='"embedded", or a URL such as redis://…')
]
Hours = Annotated[
    str,
    Meta(
        pattern=r"\A(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?\Z",
        description='"HH:MM-HH:MM", or "" for none',
    ),
]


class Server(Struct, frozen=True):
    host: str = "127.0.0.1"
    port: Port = 8080
    workers: AtLeastOne = 1
    number_rate: Rate = 100.0
    address_rate: Rate = 2000.0


class Store(Struct, frozen=True):
    url: Url = "embedded"
    data: str = "data"
    shards: Annotated[int, Meta(ge=1, le=4096)] = 64
    wait_replicas: Count = 0
    archive_after_months: Count = 6
    archives: str = ""

    @property
    def archive_folder(self) -> Path:
        """Where files of the archive are read."""
        return Path(self.archives or Path(self.data, "archives"))

    @property
    def archives_here(self) -> bool:
        """Whether this machine may move anything there: over a server, only where the folder was chosen."""
        return self.url == "embedded" or self.archives != ""


class Programme(Struct, frozen=True):
    name: str = "Kunnafoni"
    timezone: str = "Africa/Bamako"
    languages: tuple[Language, ...] = ("fr", "bm")
    default_language: Language = "fr"
    service_code: ServiceCode = "*123#"


class Ussd(Struct, frozen=True):
    budget: Septets = 160
    budgets: dict[str, Septets] = {}
    """By network code, where a network shows less or more."""

    def budget_on(self, network: str) -> int:
        return self.budgets.get(network, self.budget)


class Sms(Struct, frozen=True):
    quiet_hours: Hours = "20:00-07:00"
    daily_cap: Count = 3
    cost_per_segment: Money = 12.0
    budget: Money = 0.0
    budget_warning: Percent = 80
    digest_window: Count = 300
    lease: Annotated[int, Meta(ge=1, le=3600)] = 60
    short_code: str = ""

    def is_quiet(self, clock: time) -> bool:
        """Whether what can wait must wait at this hour of the programme's day."""
        if not self.quiet_hours:
            return False
        begins, ends = map(time.fromisoformat, self.quiet_hours.split("-"))
        return begins <= clock < ends if begins <= ends else clock >= begins or clock < ends

    def quiet_from(self, clock: time) -> time | None:
        """When the quiet hours next begin on the day of this hour; None when they do not any more."""
        begins = time.fromisoformat(self.quiet_hours.split("-")[0]) if self.quiet_hours else time.min
        return begins if begins > clock else None


class Product(Struct, frozen=True):
    names: dict[Language, str]
    unit: dict[Language, str]
    max_months: Months = 2.0
    reorder_months: Months = 1.0
    monthly_use: Count = 0

    @property
    def maximum(self) -> int:
        """The stock above which we ask again, in units; 0 when what is used in a month is not known."""
        return ceil(self.max_months * self.monthly_use)


class Backup(Struct, frozen=True):
    passphrase: str = ""
    """A secret: only from the environment. Locks the backups; empty: they are readable as they are."""


class Privacy(Struct, frozen=True):
    retention_months: AtLeastOne = 12


class Console(Struct, frozen=True):
    two_people: bool = False


class Settings(Struct, frozen=True):
    server: Server = Server()
    store: Store = Store()
    programme: Programme = Programme()
    ussd: Ussd = Ussd()
    sms: Sms = Sms()
    channels: dict[str, Table] = {}
    products: dict[Code, Product] = {}
    alerts: dict[str, Table] = {}
    reminders: Reminders = Reminders()
    calendar: Calendar = Calendar()
    privacy: Privacy = Privacy()
    backup: Backup = Backup()
    console: Console = Console()


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read the settings. Raises ConfigError with every problem there is."""
    reading = open_file(path, environ)
    settings = reading.finish(reading.struct(Settings, reading.origin.document, ()))
    for where, message in _contradictions(settings):
        reading.wrong(where, message)
    return reading.finish(settings)


def _contradictions(settings: Settings) -> Iterator[tuple[Where, str]]:
    """Tell what each setting may say by itself, but not beside the others."""
    programme = settings.programme
    if programme.default_language not in programme.languages:
        yield (
            ("programme", "default_language"),
            f"default_language {programme.default_language} is not one of languages",
        )
    try:
        ZoneInfo(programme.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield (
            ("programme", "timezone"),
            f"{programme.timezone!r} is no time zone known here (is tzdata installed?)",
        )
    for place, hour in settings.reminders.hours().items():
        if settings.sms.is_quiet(time.fromisoformat(hour)):
            yield ("reminders", *place), f"{hour} is within the quiet hours ({settings.sms.quiet_hours})"
    yield from ((("calendar", name), why) for name, why in settings.calendar.contradictions())
    yield from ((("reminders", *place), why) for place, why in settings.reminders.contradictions())
    if settings.sms.quiet_hours and len(set(settings.sms.quiet_hours.split("-"))) == 1:
        yield ("sms", "quiet_hours"), 'begins when it ends; write "" for none'
    for code, product in settings.products.items():
        for name in ("names", "unit"):
            if not getattr(product, name).get(programme.default_language):
                yield ("products", code, name), f"must be said in {programme.default_language}"
        if product.reorder_months > product.max_months:
            yield ("products", code, "reorder_months"), "more than max_months"
