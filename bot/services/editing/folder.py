"""The files of `flows/` and `locales/`: published when they have changed, taken out as a zip, and taken in again."""

import io
import logging
import lzma
import re
import struct
import zlib
from zipfile import BadZipFile, ZipFile, ZipInfo

from msgspec.structs import replace

from bot.flow.definition import FlowError
from bot.flow.release import Release, Source
from bot.services.editing.impossible import Impossible
from bot.services.editing.merge import merge
from bot.store.releases import Releases

_log = logging.getLogger("kunnafoni.editing")
BY = "files"
MOST = 4 * 1024 * 1024
"""Bytes of all files of a zip together."""
FLOW, WORDS = re.compile(r"[a-z][a-z0-9_]{0,40}\.yaml"), re.compile(r"[a-z]{2,3}\.po")
_DAMAGED = (BadZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError, ValueError, RuntimeError)
"""What a reader of zips says of one that was changed on its way, by how it was packed."""
_SAME_DATE = (2026, 1, 1, 0, 0, 0)
"""The same files make the same zip."""


async def publish_files(releases: Releases, files: Release, at: int) -> None:
    """Publishes what changed in the files since they were last published from here; what the console changed stays.

    Where both changed the same thing, the console's is kept and the log says so (docs/decisions/0027).
    """
    before = await releases.files()
    number = await releases.refresh()
    if before is None or not number:
        await releases.publish(files, at, BY)
    elif before != files.source:
        now = (await releases.published(number)).source
        merged = merge(before, now, files.source)
        for what in merged.both:
            _log.warning("files_not_taken what=%s: the console changed it too", what)
        try:
            release = Release(merged.source)
        except FlowError as error:
            _log.error("files_not_published why=%s", error)
            return
        await releases.publish(release, at, BY)
    if before != files.source:
        await releases.remember_files(files.source)


def zipped(source: Source) -> bytes:
    """`flows/*.yaml` and `locales/*.po`, as they stand in a repository."""
    out = io.BytesIO()
    named = {**source.flows, **{f"locales/{language}.po": po for language, po in source.words.items()}}
    with ZipFile(out, "w") as archive:
        for name, text in sorted(named.items()):
            archive.writestr(ZipInfo(name, _SAME_DATE), text)
    return out.getvalue()


def unzipped(content: bytes, source: Source) -> Source:
    """The source with the files of that zip in it; the folder they stand in does not matter. Raises Impossible.

    What is not called as a file of ours is left out: a name goes into a zip again, and from there onto somebody's disk.
    """
    flows, words = dict(source.flows), dict(source.words)
    for name, text in _files(content).items():
        if FLOW.fullmatch(name):
            flows[f"flows/{name}"] = text
        elif WORDS.fullmatch(name):
            words[name.removesuffix(".po")] = text
    taken = replace(source, flows=flows, words=words)
    if taken == source:
        raise Impossible("nothing_new_in_zip")
    return taken


def _files(content: bytes) -> dict[str, str]:
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if sum(member.file_size for member in members) > MOST:
                raise Impossible("zip_too_big")
            return {member.filename.rpartition("/")[2]: archive.read(member).decode() for member in members}
    except _DAMAGED as error:
        raise Impossible("not_a_zip") from error
