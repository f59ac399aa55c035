"""The description says what is answered: every address of it, and every answer as its schema has it."""

from typing import Any

import pytest

from bot.admin.api.openapi import description
from bot.admin.api.resources import RESOURCES
from tests.api.conftest import OUMOU, Comes

TOLD = description()
KINDS: dict[str, Any] = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
KINDS |= {"null": type(None), "number": (int, float)}


def wrong(value: Any, schema: dict[str, Any], at: str = "$") -> list[str]:
    """Where a value is not as its schema says: as much of JSON Schema as the description uses."""
    if "$ref" in schema:
        return wrong(value, TOLD["components"]["schemas"][schema["$ref"].rpartition("/")[2]], at)
    if "anyOf" in schema:
        tried = [wrong(value, one, at) for one in schema["anyOf"]]
        return [] if [] in tried else tried[0]
    if "enum" in schema:
        return [] if value in schema["enum"] else [f"{at}: {value!r}"]
    if "type" in schema and not isinstance(value, KINDS[schema["type"]]):
        return [f"{at}: {value!r} is no {schema['type']}"]
    found: list[str] = []
    if isinstance(value, dict) and "properties" in schema:
        found += [f"{at}.{name}: missing" for name in schema.get("required", ()) if name not in value]
        found += [f"{at}.{name}: not described" for name in value.keys() - schema["properties"].keys()]
        for name in value.keys() & schema["properties"].keys():
            found += wrong(value[name], schema["properties"][name], f"{at}.{name}")
    if isinstance(value, list) and "items" in schema:
        found += [
            one for index, item in enumerate(value) for one in wrong(item, schema["items"], f"{at}[{index}]")
        ]
    return found


def refs(node: Any) -> set[str]:
    if isinstance(node, list):
        return {one for item in node for one in refs(item)}
    if not isinstance(node, dict):
        return set()
    here = {node["$ref"]} if "$ref" in node else set()
    return here | {one for item in node.values() for one in refs(item)}


def test_whatever_it_refers_to_is_in_it() -> None:
    for ref in refs(TOLD):
        place: Any = TOLD
        for part in ref.removeprefix("#/").split("/"):
            place = place[part]


def test_every_address_and_every_question_is_described() -> None:
    assert list(TOLD["paths"]) == [one.path for one in RESOURCES]
    names = [one["get"]["operationId"] for one in TOLD["paths"].values()]
    assert len(set(names)) == len(names)
    for one in RESOURCES:
        said = TOLD["paths"][one.path]["get"]["parameters"]
        asked = [parameter["name"] for parameter in said if parameter["in"] == "query"]
        assert sorted(asked) == sorted(one.query.__struct_fields__)
        assert all(parameter["schema"] for parameter in said)


async def test_it_is_there_for_who_has_no_token(system: Comes) -> None:
    stranger = await system()
    stranger.token = ""
    answer = await stranger.reads("/openapi.json")
    assert (answer.status, answer.said) == (200, TOLD)


@pytest.mark.usefixtures("reported")
async def test_every_answer_is_as_described(system: Comes) -> None:
    dhis2 = await system()
    for one in RESOURCES:
        path = one.path.replace("{msisdn}", OUMOU).replace("{name}", "stock")
        good = TOLD["paths"][one.path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        answer = await dhis2.reads(path)
        assert wrong(answer.said, good) == []
        assert answer.said != {"data": [], "next": None}
        refused = (await dhis2.reads(path, nothing="1")).said
        assert wrong(refused, {"$ref": "#/components/schemas/Problem"}) == []
