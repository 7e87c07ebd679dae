"""A contractor's month: every deduction as a line, and what is left of the fee."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from services.evaluation.domain.contracts import Contract, Deduction, Evidence
from services.evaluation.domain.deductions import DeductionRules, Line, settle
from shared.assessment import DeductionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """`at`: ISO 8601. `counted_e2`: points within the rule's cap."""

    deduction_id: str
    href: str
    rule: str
    zh: str
    en: str
    at: str
    points_e2: int
    counted_e2: int
    fen: int
    status: DeductionStatus
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementContent:
    """The month as its deductions stand: texts and whole numbers. `month`: 2026-11."""

    contract_id: str
    contractor_id: str
    month: str
    rules_from: str
    fee_month_fen: int
    points_left_e2: int
    share: str
    fee_share_fen: int
    deducted_fen: int
    payable_fen: int
    lines: tuple[StatementLine, ...]

    @classmethod
    def of(cls, contract: Contract, month: date, deductions: Sequence[Deduction], rules: DeductionRules) -> Self:
        lines = [Line(one.deduction_id, one.rule, one.points_e2, one.fen) for one in deductions]
        done = settle(rules, contract.fee_month_fen, lines)
        return cls(
            contract_id=contract.contract_id,
            contractor_id=contract.contractor_id,
            month=f"{month:%Y-%m}",
            rules_from=rules.valid_from.isoformat(),
            fee_month_fen=contract.fee_month_fen,
            points_left_e2=done.points_left_e2,
            share=done.share,
            fee_share_fen=done.fee_share_fen,
            deducted_fen=done.deducted_fen,
            payable_fen=done.payable_fen,
            lines=tuple(_line(one, done.counted_e2[one.deduction_id], rules) for one in deductions),
        )


def _line(deduction: Deduction, counted_e2: int, rules: DeductionRules) -> StatementLine:
    rule = rules.rule(deduction.rule)
    return StatementLine(
        deduction_id=deduction.deduction_id,
        href=f"/v1/deductions/{deduction.deduction_id}",
        rule=deduction.rule,
        zh=rule.zh,
        en=rule.en,
        at=deduction.at.isoformat(),
        points_e2=deduction.points_e2,
        counted_e2=counted_e2,
        fen=deduction.fen,
        status=deduction.status,
        evidence=deduction.evidence,
    )
