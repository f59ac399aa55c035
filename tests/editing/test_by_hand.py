"""A flow that is YAML of another writing than ours: its pages are shown, its forms say what they cannot do."""

import pytest
from msgspec.structs import replace

from bot.flow.release import Source
from bot.house import House
from bot.services.editing import edits
from tests.editing.editor import Editor

WRITTEN = {
    "set in": "  flow: odd\n  start: held\n  held:\n    ask: yesno\n    then: thanks\n  thanks: end\n",
    "on one line": "{flow: odd, start: held, held: {ask: yesno, then: thanks}, thanks: end}\n",
    "with question marks": "flow: odd\nstart: held\n? held\n: ask: yesno\n  then: thanks\n? thanks\n: end\n",
    "with spaces": "flow : odd\nstart : held\nheld :\n  ask: yesno\n  then: thanks\nthanks : end\n",
}


@pytest.mark.parametrize("how", WRITTEN)
async def test_a_flow_written_otherwise_breaks_no_page(editor: Editor, house: House, how: str) -> None:
    def written(source: Source) -> Source:
        made = edits.new_flow(source, "odd", "", {})
        made = edits.add_step(made, "odd", edits.Asked("yesno", "held", "", "thanks", {"fr": "Oui ou non ?"}))
        return replace(made, flows={**made.flows, "flows/odd.yaml": WRITTEN[how]})

    await house.editing.change(0, "Awa Diarra", "flow", written)
    assert (await house.editing.made((await house.editing.open()).draft.source)).release is not None
    for path in ("/flows", "/flows/odd", "/flows/odd/text", "/flows/odd/steps/held", "/draft", "/words"):
        page = await editor.reads(path)
        assert page.status == 200, path
    for path, fields in {
        "/flows/odd/steps/held": {"text.fr.odd.held": "Vraiment ?", "then": "thanks"},
        "/flows/odd/steps": {"kind": "text", "after": "held", "text.fr": "Pourquoi ?"},
        "/flows/odd/steps/held/rename": {"name": "asked"},
        "/flows/odd/steps/held/move": {"by": "1"},
        "/flows/odd/steps/held/delete": {"instead": "thanks"},
        "/flows/odd/head": {"start": "thanks", "menu": "9"},
    }.items():
        page = await editor.sends(path, **fields)
        assert page.status < 500, path
