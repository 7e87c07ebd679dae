"""What a contractor loses for what went wrong, and what is left of a month's fee. Points in hundredths, money in fen."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from shared.versions import Version

E2 = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DeductionRules(Version):
    """`rules`: code, zh, en, on (kind of fact), unit (spot, time, vehicle, day), points, fen, cap_points (a month; null: none),
    evidence. `settlement`: lowest points left and the share of the fee, best first."""

    base_points: str
    appeal_days: int
    rules: Sequence[Mapping[str, Any]]
    settlement: Sequence[Sequence[str]]

    def rule_on(self, kind: str) -> Mapping[str, Any] | None:
        return next((rule for rule in self.rules if rule["on"] == kind), None)

    def rule(self, code: str) -> Mapping[str, Any]:
        return next(rule for rule in self.rules if rule["code"] == code)


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
        cap = rules.rule(line.rule)["cap_points"]
        room = line.points_e2 if cap is None else max(0, hundredths(cap) - taken[line.rule])
        counted[line.deduction_id] = min(line.points_e2, room)
        taken[line.rule] += counted[line.deduction_id]
        fen += line.fen
    left = max(0, hundredths(rules.base_points) - sum(taken.values()))
    share = next(share for lowest, share in rules.settlement if left >= hundredths(lowest))
    of_fee = int(Fraction(share) * fee_fen + Fraction(1, 2))
    return Settled(counted, left, share, of_fee, fen, max(0, of_fee - fen))
