"""What of a request is the file, and what is said about it."""

import json
from typing import Any

import pytest
from fastapi.datastructures import QueryParams
from fastapi.exceptions import RequestValidationError

from shared.errors import Invalid
from shared.tables_in.bodies import TableImport
from shared.tables_in.request import _read

JSON, FILE = "application/json", "text/csv"


class Loads(TableImport):
    source: str
    mapping: dict[str, str] = {}
    district: list[str] = []
    dry_run: bool = False


def read(body: bytes, media_type: str, query: str = "source=x") -> Loads:
    return _read(Loads, "content", body, media_type, QueryParams(query))


def test_a_json_body_with_its_content_is_the_request_and_the_query_is_not_looked_at() -> None:
    body = json.dumps({"source": "a", "content": "kg\n1\n", "mapping": {"weight": "kg"}}).encode()
    assert read(body, JSON) == read(body, "") == Loads(source="a", content="kg\n1\n", mapping={"weight": "kg"})


def test_a_body_of_another_kind_is_the_file_and_the_query_says_the_rest() -> None:
    query = "source=x&mapping=weight=kg&mapping=at=a=b&district=d1&district=d2&dry_run=true&decimal_mark=,"
    told = read(b"kg\n1\n", FILE, query)
    assert (told.content, told.mapping, told.district) == (b"kg\n1\n", {"weight": "kg", "at": "a=b"}, ["d1", "d2"])
    assert (told.dry_run, told.decimal_mark) == (True, ",")


@pytest.mark.parametrize(
    "value", [[{"kg": 1}], {"rows": [{"kg": 1}], "city": "x"}, {"type": "FeatureCollection", "features": []}]
)
@pytest.mark.parametrize("media_type", [JSON, ""])
def test_json_that_is_a_file_is_known_by_its_shape(value: Any, media_type: str) -> None:
    assert read(json.dumps(value).encode(), media_type).content == value


@pytest.mark.parametrize(
    "value", [{}, {"source": "x"}, {"source": "x", "district": ["d"]}, {"content": "a", "source": "x", "y": 1}]
)
def test_a_request_that_lacks_something_or_says_too_much_is_refused_as_a_request(value: Any) -> None:
    with pytest.raises(RequestValidationError) as refused:
        read(json.dumps(value).encode(), JSON)
    assert all(error["loc"][0] == "body" and "input" not in error for error in refused.value.errors())


@pytest.mark.parametrize("query", ["", "source=x&colour=red", "source=x&dry_run=perhaps", "source=x&decimal_mark=;"])
def test_options_are_held_to_the_same_schema(query: str) -> None:
    with pytest.raises(RequestValidationError):
        read(b"kg\n1\n", FILE, query)


def test_what_says_json_and_is_none_is_no_file_of_another_kind() -> None:
    with pytest.raises(Invalid, match="not valid JSON"):
        read(b"kg\n1\n", JSON)
