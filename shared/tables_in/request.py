"""How a file comes in by HTTP: within a JSON body, or as the body itself with its options in the query.

POST /v1/weighing-imports           {"source": "austin", "content": "at;kg\n…", "mapping": {"at": "at", "weight": "kg"}, …}
POST /v1/weighing-imports?source=austin&mapping=at=at&mapping=weight=kg…        the bytes of loads.xlsx
"""

import asyncio
from typing import Any, TypeVar, get_origin

from fastapi import Depends, Request
from fastapi.datastructures import QueryParams
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from shared.tables_in.decoding import decoded
from shared.tables_in.json_values import parsed
from shared.tables_in.refusals import refused

M = TypeVar("M", bound=BaseModel)
FILE_TYPES = (
    "text/csv",
    "application/geo+json",
    "application/x-ndjson",
    "application/gzip",
    "application/octet-stream",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet",
)
"""As documented; any other is taken as well: what a file is, is seen from its bytes."""


def imported(model: type[M], rows: str = "content") -> Any:
    """A dependency that gives the request as `model`, read in a thread: big files must not hold up others.

    Its field `content` gets the bytes of a body that is a file; `rows`: a field that may hold rows in its place. Let the
    principal stand before it, so that nothing is read for a stranger.
    """

    async def read(request: Request) -> M:
        body = await request.body()
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        return await asyncio.to_thread(_read, model, rows, body, media_type, request.query_params)

    return Depends(read)


def _read(model: type[M], rows: str, body: bytes, media_type: str, query: QueryParams) -> M:
    try:
        with refused():
            is_json = media_type == "application/json" or (not media_type and body.lstrip().startswith((b"{", b"[")))
            fields = parsed(decoded(body)) if is_json else body
        if not _is_request(fields, model, rows):
            fields = {**_options(model, query), "content": fields}
        return model.model_validate(fields)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False, include_context=False)
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in errors]) from error


def _is_request(fields: Any, model: type[BaseModel], rows: str) -> bool:
    """Whether it is the request and not the file: GeoJSON, a list, or an envelope around one are files."""
    if not isinstance(fields, dict):
        return False
    holds_a_list = any(isinstance(value, list) for value in fields.values())
    return not holds_a_list or bool(fields.keys() & {"content", rows}) or fields.keys() <= model.model_fields.keys()


def _options(model: type[BaseModel], query: QueryParams) -> dict[str, Any]:
    """`mapping=time=arrive&mapping=lon=x` is a dictionary, where the field is one."""
    options: dict[str, Any] = {}
    for name in query:
        field = model.model_fields.get(name)
        kind = get_origin(field.annotation) if field else None
        values = query.getlist(name)
        if kind is dict:
            options[name] = dict(value.partition("=")[::2] for value in values)
        else:
            options[name] = values if kind is list else values[-1]
    return options


def file_body(model: type[BaseModel], rows: str = "content") -> dict[str, Any]:
    """`openapi_extra` of an endpoint that has `imported(model)`; the service names the model in `read_by_hand`."""
    json_body = {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}
    files = {name: {"schema": {"type": "string", "format": "binary"}} for name in FILE_TYPES}
    options = [name for name in model.model_fields if name not in {"content", rows}]
    return {
        "requestBody": {"required": True, "content": {"application/json": json_body, **files}},
        "parameters": [_parameter(model, name) for name in options],
    }


def _parameter(model: type[BaseModel], name: str) -> dict[str, Any]:
    kind = get_origin(model.model_fields[name].annotation)
    many = kind in {dict, list}
    schema: dict[str, Any] = {"type": "array", "items": {"type": "string"}} if many else {"type": "string"}
    description = "With a file as the body" + ("; FIELD=VALUE, once for each" if kind is dict else "")
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}
