"""All that is said, by key: French and the other languages side by side, their state, and their PO files."""

from aiohttp import web
from msgspec.structs import replace

from bot.admin.bench import back, bench, edits, make, may_edit, readable, reason, reviewer, texts, typed
from bot.admin.desk import Desk, Page
from bot.admin.listing import listing
from bot.admin.table import Choice, Column, Table
from bot.admin.visit import Visit, there
from bot.flow.release import Release, Source
from bot.services.editing import words
from bot.services.editing.differences import between
from bot.services.editing.glossary import Line, glossary
from bot.services.editing.impossible import Impossible
from bot.services.editing.words import Saying

TONES = {"missing": "bad", "fuzzy": "warn", "unreviewed": "warn", "good": "good"}
PO = 512 * 1024


def pages(_: Desk) -> list[Page]:
    return [
        Page("/words", every, menu=66),
        Page("/words/files/{language}.po", take_out),
        Page("/words/files", take_in, least="editor", method="POST", limit=PO),
        Page("/words/{key}", one),
        Page("/words/{key}", save, least="editor", method="POST"),
    ]


async def every(visit: Visit) -> web.Response:
    release = await _release(visit)
    lines = list(glossary(release))
    families = sorted({line.key.partition(".")[0] for line in lines})
    states = [(state, visit.say(f"state.words.{state}")) for state in TONES]
    return await listing(
        visit,
        "words.html",
        _table(release),
        lines,
        [
            Choice("state", states, lambda line, state: line.state == state),
            Choice(
                "flow",
                [(name, name) for name in families],
                lambda line, name: line.key.partition(".")[0] == name,
            ),
        ],
        languages=release.words.languages,
        edits=may_edit(visit),
        opened=await visit.desk.editing.open(),
    )


async def _release(visit: Visit) -> Release:
    """The draft, or what is published while the draft cannot be read."""
    found = await bench(visit)
    return found.release or await visit.desk.releases.need(visit.desk.releases.current)


def _table(release: Release) -> Table[Line]:
    def said_in(language: str) -> Column[Line]:
        return Column(language, lambda line: said.text if (said := line.said(language)) else "")

    return Table(
        "words",
        [
            Column("key", lambda line: line.key, link=lambda line: f"/admin/words/{line.key}"),
            *(
                said_in(language)
                for language in sorted(release.words.languages, key=lambda code: code != "fr")
            ),
            Column("septets", lambda line: max(line.septets)),
            Column("used", lambda line: ", ".join(used for used in line.used if used != line.key)),
            Column(
                "state",
                lambda line: line.state,
                lambda line, speech: speech.say(f"state.words.{line.state}"),
                tone=lambda line: TONES[line.state],
            ),
            Column("reviewer", lambda line: ", ".join(filter(None, line.reviewers))),
        ],
        searched=lambda line: " ".join([line.key, *(said.text for said in line.words)]),
    )


async def one(visit: Visit) -> web.Response:
    return await _shown(visit)


async def _shown(visit: Visit, status: int = 200, why: str = "") -> web.Response:
    """The form, with what is filled in already when it could not be kept: it says why."""
    release = await _release(visit)
    found = there(next((line for line in glossary(release) if line.key == visit.named("key")), None))
    return visit.show(
        "word.html",
        status,
        line=found,
        opened=await visit.desk.editing.open(),
        edits=may_edit(visit),
        why=why,
        filled=typed(visit),
    )


@edits
async def save(visit: Visit) -> web.StreamResponse:
    key, by = visit.named("key"), reviewer(visit)
    saying = Saying(key, texts(visit).get(key, {}), by, bool(visit.form.get("holds")))

    def change(source: Source) -> Source:
        said = words.say(source.words, saying)
        for language in said if by else ():
            if language != "fr" and said[language] == source.words[language]:
                said = words.review(said, language, key, by)
        return replace(source, words=said)

    try:
        await make(visit, "words.change", key, change)
    except Impossible as refused:
        why = f"{reason(visit, refused)} {visit.say('step.not_kept')}"
        return await _shown(visit, 422, why)
    return back(f"/words/{key}", "said.draft_saved")


async def take_out(visit: Visit) -> web.Response:
    language = visit.named("language")
    opened = await visit.desk.editing.open()
    if language not in opened.draft.source.words:
        raise web.HTTPNotFound
    await visit.note("export", f"{language}.po", after=f"v{opened.version}")
    return web.Response(
        text=opened.draft.source.words[language],
        content_type="text/x-gettext-translation",
        headers={"Content-Disposition": f'attachment; filename="{language}.po"'},
    )


@edits
async def take_in(visit: Visit) -> web.StreamResponse:
    """A PO file as Poedit or Weblate gives it back; what it changes is told."""
    language = visit.form.get("language")
    before = (await visit.desk.editing.open()).draft.source
    if language not in before.words:
        raise web.HTTPBadRequest
    try:
        po = visit.form.files.get("file", b"").decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise Impossible("not_utf8") from wrong
    if not po.strip():
        raise Impossible("nothing_new_in_po")
    readable(visit, language, po)
    merged = words.taken_in(language, before.words[language], po, reviewer(visit))
    after = replace(before, words={**before.words, language: merged})
    changes = between(before, after)
    if not changes:
        raise Impossible("nothing_new_in_po")
    await make(visit, "words.import", f"{language}.po", lambda source: replace(source, words=after.words))
    return visit.show("imported.html", changes=changes, left_out=())
