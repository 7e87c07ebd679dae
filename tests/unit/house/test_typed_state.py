"""State has types: what a use case, a rule or a query takes and returns is a type of the field, never a dictionary or a row."""

import ast
import re
from pathlib import Path

import pytest
from reading_imports import ROOT

from shared.settings import SERVICES

UNTYPED = ("dict[str, Any]", "Mapping[str, Any]", "dict[str, object]", "Mapping[str, object]", "Row", "RowMapping")
EXEMPT: dict[str, str] = {
    "services/complaint/service/imports.py::_requests": "the rows of another city's file, as they came",
    "services/complaint/service/imports.py::_rejected": "names a row that could not be read",
    "services/evaluation/domain/ratings.py::_values": "the cells of somebody else's file",
    "services/evaluation/service/inspections.py::take": "the items of a batch as they came: each is read, or refused, by itself",
    "services/evaluation/service/inspections.py::_read": "reads one of them",
    "services/gateway/service/drilldown.py::_items": "what another service answered, shown as it came",
    "services/incinerator/domain/tonnage.py::_figures": "a line of a file, whose columns the file itself names",
    "services/route/domain/coverage/sections.py::_properties": "a feature of somebody else's file",
    "services/route/domain/coverage/sections.py::read_sections": "what stands where a feature of it has nothing",
    "services/route/domain/judging/findings.py::to_json": "evidence as a column, an event and an answer have it",
    "services/route/domain/orders/dispatch.py::details_as_json": "what was ordered, as a column, an event and an answer have it",
    "services/route/domain/timetable/file.py::parse_timetable": "what stands where a cell of somebody else's file is empty",
    "services/vehicle/service/tracks.py::as_geojson": "GeoJSON as it goes over the wire",
}
"""`services/x/service/y.py::function`: why it may."""


def signatures(tree: ast.AST) -> dict[str, list[str]]:
    """Of each function its annotations, as they are written."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            annotations = [argument.annotation for argument in arguments] + [node.returns]
            found[node.name] = [ast.unparse(annotation) for annotation in annotations if annotation is not None]
    return found


def untyped(source: str) -> list[str]:
    """Functions that take or return a row or a dictionary of anything, and names subscripted with a column's name."""
    tree = ast.parse(source)
    aliases = {
        node.targets[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and ast.unparse(node.value) in UNTYPED
    }
    wrong = []
    for name, annotations in signatures(tree).items():
        words = {part for text in annotations for part in UNTYPED if _mentions(text, part)}
        words |= {alias for text in annotations for alias in aliases if _mentions(text, alias)}
        wrong += [f"{name}: {word}" for word in sorted(words)]
    return wrong


VAGUE = re.compile(r"(?:(?:list|Sequence)\[)?(?:Any|tuple\[Any, \.\.\.\])\]?(?: \| None)?")
"""Answers behind which a row may hide."""


def vague(source: str) -> list[str]:
    """Functions that do not say what they return."""
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [node.name for node in functions if node.returns is not None and VAGUE.fullmatch(ast.unparse(node.returns))]


def subscripted(source: str) -> list[str]:
    """`ticket["status"]`: state read by a column's name."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
        and isinstance(node.value, ast.Name | ast.Attribute | ast.Call)
        and not ast.unparse(node.value).startswith(("Literal", "Annotated"))
        and not (isinstance(node.value, ast.Attribute) and node.value.attr == "c")
    ]


def _mentions(annotation: str, word: str) -> bool:
    if "[" in word:
        return word in annotation
    return word in annotation.replace("[", " ").replace("]", " ").replace(",", " ").replace("|", " ").split()


def modules(service: str, *rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / "services" / service / room).rglob("*.py"))


@pytest.mark.parametrize("service", SERVICES)
def test_no_signature_takes_a_row_or_a_dictionary(service: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}::{place}"
        for path in modules(service, "service", "store", "domain")
        for place in untyped(path.read_text("utf-8"))
    ]
    assert [place for place in wrong if place.partition(": ")[0] not in EXEMPT] == []


@pytest.mark.parametrize("place", EXEMPT)
def test_every_exemption_is_needed(place: str) -> None:
    path, _, name = place.partition("::")
    assert name in {wrong.partition(": ")[0] for wrong in untyped((ROOT / path).read_text("utf-8"))}


@pytest.mark.parametrize("service", SERVICES)
def test_no_state_is_read_by_a_name_in_quotes(service: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}::{place}"
        for path in modules(service, "service", "domain")
        for place in subscripted(path.read_text("utf-8"))
    ]
    assert wrong == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_query_says_what_it_answers(service: str) -> None:
    wrong = [f"{path.relative_to(ROOT)}::{name}" for path in modules(service, "store") for name in vague(path.read_text("utf-8"))]
    assert wrong == []


def test_these_tests_would_notice() -> None:
    assert untyped("def f(row: dict[str, Any]) -> None: ...") == ["f: dict[str, Any]"]
    assert untyped("def f(row: Mapping[str, object]) -> None: ...") == ["f: Mapping[str, object]"]
    assert untyped("async def f() -> list[Row[Any]]: ...") == ["f: Row"]
    assert untyped("State = dict[str, Any]\ndef f(s: State) -> None: ...") == ["f: State"]
    assert untyped("def f(rows: list[Ticket]) -> Rows: ...") == []
    assert vague("async def f() -> Sequence[Any]: ...") == ["f"]
    assert vague("def f() -> list[tuple[Any, ...]]: ...\ndef g() -> Any | None: ...") == ["f", "g"]
    assert vague("def f() -> list[Ticket]: ...\ndef g() -> Select[Any]: ...\ndef h() -> dict[str, Any]: ...") == []
    assert subscripted("x = ticket['status']; y: Literal['a']; table.c['status']; values[0]") == ["ticket['status']"]
