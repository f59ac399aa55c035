"""The commands `backup` and `restore`, the whole store to one file and back; and `archive`, old months to files."""

from collections.abc import Callable
from pathlib import Path

from bot.app import open_house
from bot.config import Settings
from bot.services import backups
from bot.services.archiving import Moved
from bot.services.backups import BackupError, Header
from bot.store.copies import Copies
from bot.store.embedded import StoreError
from bot.store.layout import SCHEMA

LOG = "appendonlydir"


async def backup(settings: Settings, file: Path, told: Callable[[int], None]) -> int:
    """Copies everything while it is being used. How many keys."""
    if settings.store.url == "embedded" and not Path(settings.store.data, LOG).exists():
        raise BackupError(f"there is no store in {settings.store.data}: is [store] data, or --data, right?")
    async with open_house(settings) as house:
        header = Header(SCHEMA, settings.store.shards, house.clock())
        copies = Copies(house.server.tick, house.functions)
        async with house.words.archive_held():
            files = house.archived.archives.files()
            return await backups.back_up(copies, header, file, told, settings.backup.passphrase, files)


async def restore(settings: Settings, file: Path, told: Callable[[int], None]) -> int:
    """Fills an empty store. Raises BackupError, before anything is written, when it cannot."""
    header = backups.check(file, settings.backup.passphrase)
    _fits(header, settings, file)
    async with open_house(settings) as house:
        copies = Copies(house.server.tick, house.functions)
        if not await copies.empty():
            raise BackupError("this store is not empty: restore into a new one ([store] data or url)")
        if left := house.archived.archives.files():
            raise BackupError(f"{left[0]} is of another store: move its folder away, and restore again")
        return await backups.restore(
            copies, file, house.clock(), told, settings.backup.passphrase, house.archived.archives
        )


async def archive(
    settings: Settings, before: int | None, now: int | None, told: Callable[[Moved], None]
) -> None:
    """Moves the months that were over at `before`, else those that are old enough `now` (Unix ms).

    Raises StoreError where no folder was chosen for it.
    """
    if not settings.store.archives_here:
        raise StoreError(
            "[store] archives names no folder: say where files are kept of a store that is elsewhere"
        )
    async with open_house(settings) as house:
        at = before or now or house.clock()
        await house.archiving.pack(at)
        months = 0 if before else settings.store.archive_after_months
        if before or months:
            await house.archiving.older(at, months, told=told)


def _fits(header: Header, settings: Settings, file: Path) -> None:
    if header.schema != SCHEMA:
        raise BackupError(f"{file}: made with schema {header.schema}, this version has {SCHEMA}")
    if header.shards != settings.store.shards:
        raise BackupError(f"{file}: made with {header.shards} shards: set [store] shards = {header.shards}")
