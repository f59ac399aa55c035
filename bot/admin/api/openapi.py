"""The description of `/api/v1`, made of the same types that read the questions and write the answers."""

import re
from typing import Any

from msgspec import json

from bot.admin.api.resources import RESOURCES, Resource
from bot.admin.api.shapes import Problem

_REFS = "#/components/schemas/{name}"
_NAMED = re.compile(r"\{(\w+)\}")
_ERRORS = {
    "400": "A parameter is not known or not well formed",
    "401": "No token, or one that is not good",
    "403": "The token is not for this",
    "404": "No such thing, or outside the token's area",
    "429": "Too many requests: wait as Retry-After says",
    "503": "The store is away",
}


def description() -> dict[str, Any]:
    kinds = [one.answer for one in RESOURCES] + [Problem]
    schemas, components = json.schema_components(kinds, ref_template=_REFS)
    answers = dict(zip((one.path for one in RESOURCES), schemas, strict=False))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kunnafoni", "version": "1"},
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": {one.path: {"get": _operation(one, answers[one.path])} for one in RESOURCES},
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "responses": {status: _error(said) for status, said in _ERRORS.items()},
        },
    }


def _operation(one: Resource, answer: dict[str, Any]) -> dict[str, Any]:
    errors = {status: {"$ref": f"#/components/responses/{status}"} for status in _ERRORS}
    good = {"description": one.summary, "content": {"application/json": {"schema": answer}}}
    return {
        "operationId": one.handler.__name__,
        "summary": f"{one.summary} (scope `{one.scope}`)",
        "parameters": _in_path(one) + _in_query(one),
        "responses": {"200": good, **errors},
    }


def _in_path(one: Resource) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _NAMED.findall(one.path)
    ]


def _in_query(one: Resource) -> list[dict[str, Any]]:
    _, components = json.schema_components([one.query], ref_template=_REFS)
    fields = components[one.query.__name__]["properties"]
    return [
        {"name": name, "in": "query", "required": False, "schema": schema} for name, schema in fields.items()
    ]


def _error(said: str) -> dict[str, Any]:
    schema = {"$ref": _REFS.format(name=Problem.__name__)}
    return {"description": said, "content": {"application/problem+json": {"schema": schema}}}
