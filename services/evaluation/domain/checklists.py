"""What an inspector looks at, and the score that the answers make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.evaluation.domain.index import UNIT
from shared.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklists(Version):
    """By id: zh, en, place_type and items: code, zh, en, sub_index, points, matter_code (GB/T 47678.5-2026), severity, photo
    (needed with a finding), rectify_hours, veto (a failure makes the whole score 0)."""

    checklists: Mapping[str, Mapping[str, Any]]
    bands: Sequence[Sequence[str]]
    """Name and lowest score, best first."""
    cards: Mapping[str, str]
    """A record card turns yellow or red below these."""
    record_card: Mapping[str, Any]
    """`months` that it goes back; `near_m`: complaints so near are about the place; `sorting_item`: code of that item."""


PASS, FAIL, NOT_APPLICABLE = "pass", "fail", "not_applicable"


def wrong_answers(checklist: Mapping[str, Any], answers: Mapping[str, str]) -> str | None:
    """Why these answers fit not; None when they do. Every item is answered, and one at least applies."""
    codes = {item["code"] for item in checklist["items"]}
    if differing := codes ^ answers.keys():
        return f"answer each item of the checklist and nothing else: {', '.join(sorted(differing))}"
    return None if any(answer != NOT_APPLICABLE for answer in answers.values()) else "no item applies"


def score(checklist: Mapping[str, Any], answers: Mapping[str, str]) -> int:
    """100 × points passed / points that apply, in ten-thousandths, rounded half up; 0 after a failed veto item."""
    applying = [item for item in checklist["items"] if answers[item["code"]] != NOT_APPLICABLE]
    if any(item["veto"] and answers[item["code"]] == FAIL for item in applying):
        return 0
    whole: int = sum(item["points"] for item in applying)
    passed: int = sum(item["points"] for item in applying if answers[item["code"]] == PASS)
    return (2 * 100 * UNIT * passed + whole) // (2 * whole)


def failed(checklist: Mapping[str, Any], answers: Mapping[str, str]) -> list[Mapping[str, Any]]:
    return [item for item in checklist["items"] if answers[item["code"]] == FAIL]


def colour(score_e4: int | None, cards: Mapping[str, str]) -> str:
    if score_e4 is None:
        return "unknown"
    limits = {name: int(lowest) * UNIT for name, lowest in cards.items()}
    return "red" if score_e4 < limits["red"] else "yellow" if score_e4 < limits["yellow"] else "green"
