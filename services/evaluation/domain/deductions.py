"""What a contractor loses for what went wrong, and what is left of a month's fee. Points in hundredths, money in fen."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from shared.versions import Version

E2 = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DeductionRule:
    """`on`: a kind of fact. `unit`: spot, time, vehicle or day. `cap_points`: a month; None: no cap."""

    code: str
    zh: str
    en: str
    on: str
    unit: str
    points: str
    fen: int
    cap_points: str | None
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeductionRules(Version):
    """`settlement`: lowest points left and the share of the fee, best first."""

    base_points: str
    appeal_days: int
    rules: Sequence[DeductionRule]
    settlement: Sequence[tuple[str, str]]

    def rule_on(self, kind: str) -> DeductionRule | None:
        return next((rule for rule in self.rules if rule.on == kind), None)

    def rule(self, code: str) -> DeductionRule:
        return next(rule for rule in self.rules if rule.code == code)


class Line(NamedTuple):
    deduction_id: str
    rule: str
    points_e2: int
    fen: int


class Settled(NamedTuple):
    """`counted_e2`: points of each line within its rule's cap; `payable_fen` is never below nothing."""

    counted_e2: dict[str, int]
    points_left_e2: int
    share: str
    fee_share_fen: int
    deducted_fen: int
    payable_fen: int


def hundredths(points: str) -> int:
    return int(Decimal(points) * E2)


def settle(rules: DeductionRules, fee_fen: int, lines: Iterable[Line]) -> Settled:
    """A function of the lines, whatever their order: take one out and everything is as if it had never been."""
    taken: dict[str, int] = defaultdict(int)
    counted, fen = {}, 0
    for line in sorted(lines, key=lambda line: line.deduction_id):
        cap = rules.rule(line.rule).cap_points
        room = line.points_e2 if cap is None else max(0, hundredths(cap) - taken[line.rule])
        counted[line.deduction_id] = min(line.points_e2, room)
        taken[line.rule] += counted[line.deduction_id]
        fen += line.fen
    left = max(0, hundredths(rules.base_points) - sum(taken.values()))
    share = next(share for lowest, share in rules.settlement if left >= hundredths(lowest))
    of_fee = int(Fraction(share) * fee_fen + Fraction(1, 2))
    return Settled(counted, left, share, of_fee, fen, max(0, of_fee - fen))
