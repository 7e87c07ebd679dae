"""What an inspector looks at, and the score that the answers make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.evaluation.domain.index import UNIT
from shared.assessment import Severity
from shared.versions import Version

PASS, FAIL, NOT_APPLICABLE = "pass", "fail", "not_applicable"
Answers = Mapping[str, str]
"""PASS, FAIL or NOT_APPLICABLE by the code of an item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistItem:
    """`matter_code`: GB/T 47678.5-2026. `photo`: needed with a finding. `veto`: a failure makes the whole score 0."""

    code: str
    zh: str
    en: str
    sub_index: str
    points: int
    matter_code: str
    severity: Severity
    photo: bool
    rectify_hours: int
    veto: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    zh: str
    en: str
    place_type: str
    items: tuple[ChecklistItem, ...]

    def wrong_answers(self, answers: Answers) -> str | None:
        """Why these answers fit not; None when they do. Every item is answered, and one at least applies."""
        if differing := {item.code for item in self.items} ^ answers.keys():
            return f"answer each item of the checklist and nothing else: {', '.join(sorted(differing))}"
        return None if any(answer != NOT_APPLICABLE for answer in answers.values()) else "no item applies"

    def score(self, answers: Answers) -> int:
        """100 × points passed / points that apply, in ten-thousandths, rounded half up; 0 after a failed veto item."""
        applying = [item for item in self.items if answers[item.code] != NOT_APPLICABLE]
        if any(item.veto and answers[item.code] == FAIL for item in applying):
            return 0
        whole = sum(item.points for item in applying)
        passed = sum(item.points for item in applying if answers[item.code] == PASS)
        return (2 * 100 * UNIT * passed + whole) // (2 * whole)

    def failed(self, answers: Answers) -> list[ChecklistItem]:
        return [item for item in self.items if answers[item.code] == FAIL]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLimits:
    """A record card turns yellow or red below these."""

    yellow: str
    red: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCardRules:
    """`months` that it goes back; `near_m`: complaints so near are about the place; `sorting_item`: code of that item."""

    months: int
    near_m: int
    sorting_item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklists(Version):
    """`checklists`: by id. `bands`: name and lowest score, best first."""

    checklists: Mapping[str, Checklist]
    bands: Sequence[tuple[str, str]]
    cards: CardLimits
    record_card: RecordCardRules

    @property
    def place_types(self) -> list[str]:
        return sorted({checklist.place_type for checklist in self.checklists.values()})

    def of_place_type(self, place_type: str) -> str | None:
        """The id of the checklist for such places, the last where there are several."""
        fitting = [code for code, checklist in self.checklists.items() if checklist.place_type == place_type]
        return fitting[-1] if fitting else None

    def item(self, place_type: str, code: str) -> ChecklistItem | None:
        fitting = (checklist for checklist in self.checklists.values() if checklist.place_type == place_type)
        return next((item for checklist in fitting for item in checklist.items if item.code == code), None)

    def band(self, score_e4: int) -> str:
        return next(name for name, lowest in self.bands if score_e4 >= int(lowest) * UNIT)

    def colour(self, score_e4: int | None) -> str:
        if score_e4 is None:
            return "unknown"
        red, yellow = int(self.cards.red) * UNIT, int(self.cards.yellow) * UNIT
        return "red" if score_e4 < red else "yellow" if score_e4 < yellow else "green"
