"""Contracts, what may be deducted under them, and what is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self

from services.evaluation.domain.deductions import DeductionRule, DeductionRules, hundredths
from services.evaluation.domain.refusals import BadValue, Refused
from shared.assessment import DeductionStatus
from shared.districts import DISTRICT_DIGITS, within


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """`area_ids`: districts or subdistricts; none: the whole city. `valid_to`: the last day."""

    contract_id: str
    contractor_id: str
    name_zh: str
    name_en: str
    area_ids: tuple[str, ...]
    fee_month_fen: int
    valid_from: date
    valid_to: date
    changed_at: datetime

    def require_apart_from(self, other: "Contract") -> None:
        """Refused where both are of one contractor, of the same areas and time."""
        together = other.valid_from <= self.valid_to and self.valid_from <= other.valid_to
        areas = not self.area_ids or not other.area_ids or set(self.area_ids) & set(other.area_ids)
        if other.contract_id != self.contract_id and other.contractor_id == self.contractor_id and together and areas:
            raise Refused(f"contract {other.contract_id} of the same contractor covers the same areas at the same time")

    def require_month(self, month: date) -> None:
        if not self.valid_from.replace(day=1) <= month <= self.valid_to:
            raise BadValue("the contract does not cover this month")

    def covers(self, day: date, area_id: str | None) -> bool:
        """A fact of a place nobody knows is under the contract of whoever answers for it."""
        if not self.valid_from <= day <= self.valid_to:
            return False
        if not self.area_ids or area_id is None:
            return True
        return within(area_id, self.area_ids) or any(area_id == part[:DISTRICT_DIGITS] for part in self.area_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class TruckEntry:
    """Who answers for a truck, as the registry told at a time."""

    vehicle_id: str
    revision: int
    registered_at: datetime
    contractor_id: str | None
    district_id: str | None


def entry_at(entries: Sequence[TruckEntry], at: datetime) -> TruckEntry | None:
    """The entry that held then; the first one for times before it. `entries`: the oldest first."""
    begun = [entry for entry in entries if entry.registered_at <= at]
    return begun[-1] if begun else entries[0] if entries else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What something rests on, and where to read it."""

    kind: str
    id: str | None
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What may be deducted for, as others told it last; stored when nobody can yet say whose it is."""

    fact: str
    revision: int
    kind: str
    applies: bool
    at: datetime
    day: date
    evidence: tuple[Evidence, ...]
    vehicle_id: str | None = None
    contractor_id: str | None = None
    area_id: str | None = None

    def assigned(self, entries: Sequence[TruckEntry]) -> Self:
        """With the contractor, and failing its own the area, of its truck then; `entries`: of the truck."""
        if self.contractor_id is not None or not self.vehicle_id:
            return self
        entry = entry_at(entries, self.at)
        if entry is None:
            return self
        return replace(self, contractor_id=entry.contractor_id, area_id=self.area_id or entry.district_id)

    def charge(self, contracts: Iterable[Contract], rules: DeductionRules) -> "Charge | None":
        """What it costs; None where no contract or no rule is about it."""
        contract = next(
            (one for one in contracts if one.contractor_id == self.contractor_id and one.covers(self.day, self.area_id)), None
        )
        rule = rules.rule_on(self.kind)
        if not self.applies or contract is None or rule is None:
            return None
        return Charge.of(self, contract, rules, rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What a fact costs under a contract. `points_e2`, `fen`: by the rule, before caps."""

    contract_id: str
    contractor_id: str
    month: date
    rule: str
    rules_from: date
    points_e2: int
    fen: int
    at: datetime
    evidence: tuple[Evidence, ...]

    @classmethod
    def of(cls, fact: Fact, contract: Contract, rules: DeductionRules, rule: DeductionRule) -> Self:
        return cls(
            contract_id=contract.contract_id,
            contractor_id=contract.contractor_id,
            month=fact.day.replace(day=1),
            rule=rule.code,
            rules_from=rules.valid_from,
            points_e2=hundredths(rule.points),
            fen=rule.fen,
            at=fact.at,
            evidence=fact.evidence,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """`decision`: accepted or refused, None before."""

    reason: str
    at: datetime
    decision: str | None = None
    answer: str | None = None
    decided_at: datetime | None = None

    @property
    def is_accepted(self) -> bool:
        return self.decision == "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduction:
    """What an appeal decided outlasts what the fact says later, but a fact that is gone takes its deduction with it."""

    deduction_id: str
    revision: int
    contract_id: str
    contractor_id: str
    month: date
    fact: str
    rule: str
    rules_from: date
    points_e2: int
    fen: int
    status: DeductionStatus
    at: datetime
    evidence: tuple[Evidence, ...]
    appeal: Appeal | None
    arose_at: datetime
    appeal_until: datetime
    changed_at: datetime

    @classmethod
    def arisen(cls, deduction_id: str, fact: str, charge: Charge, at: datetime, appeal_days: int) -> Self:
        return cls(
            deduction_id=deduction_id,
            revision=1,
            fact=fact,
            contract_id=charge.contract_id,
            contractor_id=charge.contractor_id,
            month=charge.month,
            rule=charge.rule,
            rules_from=charge.rules_from,
            points_e2=charge.points_e2,
            fen=charge.fen,
            status=DeductionStatus.OPEN,
            at=charge.at,
            evidence=charge.evidence,
            appeal=None,
            arose_at=at,
            appeal_until=at + timedelta(days=appeal_days),
            changed_at=at,
        )

    @property
    def is_withdrawn(self) -> bool:
        return self.status == DeductionStatus.WITHDRAWN

    @property
    def charge(self) -> Charge:
        return Charge(
            contract_id=self.contract_id,
            contractor_id=self.contractor_id,
            month=self.month,
            rule=self.rule,
            rules_from=self.rules_from,
            points_e2=self.points_e2,
            fen=self.fen,
            at=self.at,
            evidence=self.evidence,
        )

    def taken_back(self, at: datetime) -> Self | None:
        """Its fact costs nothing any more; None when it is withdrawn already."""
        return None if self.is_withdrawn else self._next(at, status=DeductionStatus.WITHDRAWN)

    def charged(self, charge: Charge, at: datetime) -> Self | None:
        """As its fact costs now; None when that changes nothing, or an appeal was accepted."""
        accepted = self.appeal is not None and self.appeal.is_accepted
        if accepted or (charge == self.charge and not self.is_withdrawn):
            return None
        again = self._next(at, status=DeductionStatus.OPEN if self.is_withdrawn else self.status)
        return replace(
            again,
            contract_id=charge.contract_id,
            contractor_id=charge.contractor_id,
            month=charge.month,
            rule=charge.rule,
            rules_from=charge.rules_from,
            points_e2=charge.points_e2,
            fen=charge.fen,
            at=charge.at,
            evidence=charge.evidence,
        )

    def appealed(self, reason: str, at: datetime) -> Self:
        if self.status != DeductionStatus.OPEN:
            raise Refused(f"this deduction is {self.status}; only an open one can be appealed")
        if at > self.appeal_until:
            raise Refused("the time to appeal against this deduction is over", "appeal_too_late")
        return replace(self._next(at, status=DeductionStatus.APPEALED), appeal=Appeal(reason=reason, at=at))

    def require_appealed(self) -> Appeal:
        if self.status != DeductionStatus.APPEALED or self.appeal is None:
            raise Refused("nobody appeals against this deduction")
        return self.appeal

    def decided(self, accept: bool, answer: str, at: datetime) -> Self:
        """Accepted, it is withdrawn."""
        decision = "accepted" if accept else "refused"
        appeal = replace(self.require_appealed(), decision=decision, answer=answer, decided_at=at)
        status = DeductionStatus.WITHDRAWN if accept else DeductionStatus.UPHELD
        return replace(self._next(at, status=status), appeal=appeal)

    def _next(self, at: datetime, *, status: DeductionStatus) -> Self:
        return replace(self, revision=self.revision + 1, changed_at=at, status=status)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeductionEvent:
    deduction_id: str
    revision: int
    status: DeductionStatus
    reason: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A month as it was settled, never changed; what comes later makes the next revision. `content`: canonical JSON."""

    contract_id: str
    month: date
    revision: int
    sha256: str
    content: str
    reason: str | None
    actor: str
    settled_at: datetime
