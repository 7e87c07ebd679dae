"""Bodies of contracts, deductions, appeals, statements, credit records."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from typing_extensions import TypedDict

from services.evaluation.domain.contracts import Appeal
from services.evaluation.schemas.index import AreaId, Reason
from shared.assessment import DeductionStatus
from shared.bodies import Answer, AsJson, Body, Id, Name, as_json

LAST_DAY = date(2199, 12, 31)


class ContractBody(Body):
    """`area_ids`: none means the whole city. `valid_to`: the last day."""

    contractor_id: Id
    name_zh: Name
    name_en: Name
    area_ids: list[AreaId] = Field([], max_length=500)
    fee_month_fen: int = Field(ge=0, le=10**13)
    valid_from: date = Field(ge=date(2000, 1, 1), le=LAST_DAY)
    valid_to: date = Field(LAST_DAY, ge=date(2000, 1, 1), le=LAST_DAY)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "ContractBody":
        if self.valid_to < self.valid_from:
            raise ValueError("a contract cannot end before it begins")
        return self


class ContractAnswer(Answer):
    contract_id: str
    contractor_id: str
    name_zh: str
    name_en: str
    area_ids: list[str]
    fee_month_fen: int
    valid_from: date
    valid_to: date


class AppealBody(Body):
    reason: Reason


class DecisionBody(Body):
    accept: bool
    reason: Reason


def _appeal(appeal: Appeal | None) -> dict[str, Any] | None:
    """Without what its decision adds before there is one."""
    return None if appeal is None else {name: value for name, value in as_json(appeal).items() if value is not None}


class EvidenceLink(TypedDict):
    """What something rests on, and where to read it."""

    kind: str
    id: str | None
    href: str


class DeductionAnswer(Answer):
    deduction_id: str
    revision: int
    contract_id: str
    contractor_id: str
    month: date
    rule: str
    rules_from: date
    points_e2: int
    """Hundredths of a point, before the rule's cap."""
    fen: int
    status: DeductionStatus
    at: datetime
    evidence: Annotated[list[EvidenceLink], AsJson]
    appeal: Annotated[dict[str, Any] | None, BeforeValidator(_appeal)]
    appeal_until: datetime


class DeductionEventAnswer(Answer):
    revision: int
    status: DeductionStatus
    reason: str
    actor: str
    at: datetime


class DeductionDetail(DeductionAnswer):
    history: list[DeductionEventAnswer]


class SettleBody(Body):
    reason: Reason | None = None
    """Of a later revision."""


class StatementLine(Answer):
    deduction_id: str
    href: str
    rule: str
    zh: str
    en: str
    at: datetime
    points_e2: int
    counted_e2: int
    """Within the rule's cap."""
    fen: int
    status: DeductionStatus
    evidence: Annotated[list[EvidenceLink], AsJson]

    @property
    def sources(self) -> str:
        """Where to read what it rests on."""
        return " ".join(one["href"] for one in self.evidence)


class StatementAnswer(Answer):
    contract_id: str
    contractor_id: str
    month: str
    revision: int
    """0: not settled yet."""
    status: Literal["provisional", "settled"]
    sha256: str | None
    reason: str | None
    rules_from: date
    fee_month_fen: int
    points_left_e2: int
    share: str
    fee_share_fen: int
    deducted_fen: int
    payable_fen: int
    lines: list[StatementLine]


class CreditMonth(Answer):
    month: str
    contract_id: str
    points_left_e2: int
    deducted_fen: int


class CreditYear(Answer):
    year: int
    months: int
    mean_points_e2: int
    deducted_fen: int


class CreditRecord(Answer):
    contractor_id: str
    years: list[CreditYear]
    months: list[CreditMonth]
