"""The OpenAPI of each service, the schema of each event and the AsyncAPI document are what is written down here."""

import difflib

import pytest
from promises import documents, events, stored

from shared.settings import SERVICES

COMMAND = "make contracts   (or .venv/bin/python tests/contracts/update.py)"
SHOWN_LINES = 60


@pytest.mark.parametrize("path", sorted(documents().keys() | stored().keys()))
def test_the_contract_is_what_is_written_down(path: str) -> None:
    before, after = stored().get(path, ""), documents().get(path, "")
    assert before == after, f"\n{difference(path, before, after)}\n\nWhen this is meant: {COMMAND}"


def difference(path: str, before: str, after: str) -> str:
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), f"written/{path}", f"code/{path}", "", "", 3, ""))
    more = [f"… {len(lines) - SHOWN_LINES} more lines"] if len(lines) > SHOWN_LINES else []
    return "\n".join(lines[:SHOWN_LINES] + more)


def test_every_service_and_event_has_its_document() -> None:
    assert {f"openapi/{name}.json" for name in SERVICES} | {f"events/{name}.json" for name in events()} <= documents().keys()


def test_a_difference_shows_the_line_that_changed() -> None:
    shown = difference("x.json", '{\n  "a": 1\n}\n', '{\n  "a": 2\n}\n')
    assert '-  "a": 1' in shown
    assert '+  "a": 2' in shown
