"""The files of `flows/` and `locales/`: published when they have changed, taken out as a zip, and taken in again."""

import io
import logging
import lzma
import re
import struct
import zlib
from collections.abc import Mapping
from zipfile import BadZipFile, ZipFile, ZipInfo

from msgspec import Struct
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
_OF_THE_SYSTEM = re.compile(r"(?:.*/)?(?:__MACOSX/.*|\.[^/]*)", re.DOTALL)
"""What a computer puts into a zip by itself."""
_SAME_DATE = (2026, 1, 1, 0, 0, 0)
"""The same files make the same zip."""


class Unzipped(Struct, frozen=True):
    """The files of a zip."""

    flows: Mapping[str, str]
    words: Mapping[str, str]
    left_out: tuple[str, ...] = ()
    """The names of those that are none of ours."""


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


def unzipped(content: bytes) -> Unzipped:
    """What is ours in a zip; the folder it stands in does not matter. Raises Impossible.

    What is not called as a file of ours is left out: a name goes into a zip again, and from there onto somebody's disk.
    """
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            named = [(_path(member), member) for member in archive.infolist() if not member.is_dir()]
            ours = {path.rpartition("/")[2]: member for path, member in named if _is_ours(path)}
            if sum(member.file_size for member in ours.values()) > MOST:
                raise Impossible("zip_too_big")
            texts = {name: archive.read(member).decode("utf-8-sig") for name, member in ours.items()}
    except _DAMAGED as error:
        raise Impossible("not_a_zip") from error
    return Unzipped(
        {f"flows/{name}": text for name, text in texts.items() if FLOW.fullmatch(name)},
        {name.removesuffix(".po"): text for name, text in texts.items() if WORDS.fullmatch(name)},
        tuple(path for path, _ in named if not (_is_ours(path) or _OF_THE_SYSTEM.fullmatch(path))),
    )


def laid_in(source: Source, found: Unzipped) -> Source:
    """The source with those files in it. Raises Impossible."""
    taken = replace(source, flows={**source.flows, **found.flows}, words={**source.words, **found.words})
    if taken == source:
        raise Impossible("nothing_new_in_zip")
    return taken


def _path(member: ZipInfo) -> str:
    """As its name is meant: some programs write the folders of a zip as Windows does."""
    return member.filename.replace("\\", "/")


def _is_ours(path: str) -> bool:
    name = path.rpartition("/")[2]
    return bool(FLOW.fullmatch(name) or WORDS.fullmatch(name))
