"""What became of the stops around a place, in one sentence that a citizen understands, in zh-CN and in English.

Deterministic: the same facts give the same words.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from services.route.domain.evidence import Outcome
from services.route.domain.judging.findings import SERVED


@dataclass(frozen=True, slots=True)
class Sentence:
    zh: str
    en: str

    def __add__(self, more: "Sentence") -> "Sentence":
        return Sentence(self.zh + more.zh, self.en + more.en)


@dataclass(frozen=True, slots=True)
class Work:
    """The words for what a round is for."""

    zh: str
    zh_done: str
    zh_missed: str
    zh_not_done: str
    en_one: str
    en_many: str


NOTHING = Sentence("", "")
WORKS = {
    "collection": Work("收运", "收运", "漏收", "未收", "collection was", "collections were"),
    "sweeping": Work("道路清扫", "清扫", "漏扫", "未扫", "street sweeping was", "street sweepings were"),
    "flushing": Work("道路冲洗", "冲洗", "漏冲", "未冲", "street flushing was", "street flushings were"),
    "disinfection": Work("道路消杀", "消杀", "漏消杀", "未消杀", "street disinfection was", "street disinfections were"),
}
COUNTED = {
    "served": Sentence("已{work.zh_done}{n}次", "{n} carried out"),
    "missed": Sentence("{work.zh_missed}{n}次", "{n} missed"),
    "unknown": Sentence("{n}次因车辆数据缺失暂无法判断", "{n} not to be judged yet for want of the truck's data"),
    "excepted": Sentence("{n}次因故{work.zh_not_done}", "{n} not possible for a reported reason"),
    "planned": Sentence("{n}次尚未到时间", "{n} not due yet"),
}


def sentence(
    stops: Sequence[Outcome],
    start: datetime,
    end: datetime,
    radius_m: float,
    zone: tzinfo,
    labels: Mapping[str, tuple[str, str]],
) -> Sentence:
    """`labels`: the words for what drivers report."""
    text = _when_and_where(start.astimezone(zone), end.astimezone(zone), radius_m)
    if not stops:
        return text + Sentence("没有计划的收运。", "no collection was planned.")
    by_task = {task: [stop for stop in stops if stop.task == task] for task in WORKS}
    clauses = [_clause(WORKS[task], group, zone, labels) for task, group in by_task.items() if group]
    text += Sentence("；".join(clause.zh for clause in clauses), "; ".join(clause.en for clause in clauses))
    if corrected := sum(stop.corrected for stop in stops):
        text += Sentence(
            f"；其中{corrected}次的结论由迟到的车辆数据更正",
            f"; the truck's late data corrected the finding for {corrected} of them",
        )
    return text + Sentence("。", ".")


def _when_and_where(begin: datetime, until: datetime, radius_m: float) -> Sentence:
    return Sentence(
        f"{begin:%Y}年{begin.month}月{begin.day}日{begin:%H:%M}至{until.month}月{until.day}日{until:%H:%M}，该处{radius_m:.0f}米内",
        f"From {begin:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M}, within {radius_m:.0f} m of this place, ",
    )


def _clause(work: Work, stops: Sequence[Outcome], zone: tzinfo, labels: Mapping[str, tuple[str, str]]) -> Sentence:
    """What became of the stops of one task."""
    were = work.en_one if len(stops) == 1 else work.en_many
    groups: dict[str, list[Outcome]] = {kind: [] for kind in COUNTED}
    for stop in stops:
        groups["served" if stop.verdict in SERVED else stop.verdict].append(stop)
    parts = [_part(work, kind, group, zone, labels) for kind, group in groups.items() if group]
    text = Sentence(f"计划{work.zh}{len(stops)}次：", f"{len(stops)} {were} planned: ")
    return text + Sentence("，".join(part.zh for part in parts), ", ".join(part.en for part in parts))


def _part(work: Work, kind: str, stops: Sequence[Outcome], zone: tzinfo, labels: Mapping[str, tuple[str, str]]) -> Sentence:
    words, n = COUNTED[kind], len(stops)
    text = Sentence(words.zh.format(work=work, n=n), words.en.format(n=n))
    if kind == "served":
        return text + _last_service(stops, zone)
    return text + _what_hindered(stops, labels) if kind == "excepted" else text


def _last_service(stops: Sequence[Outcome], zone: tzinfo) -> Sentence:
    served = [(stop.served_at, stop.vehicle_id or "", stop.net_kg) for stop in stops if stop.served_at]
    if not served:
        return NOTHING
    at, vehicle_id, net_kg = max(served, key=lambda one: one[:2])
    local = at.astimezone(zone)
    text = Sentence(
        f"（最近一次{local:%m-%d %H:%M}，车辆{vehicle_id}", f" (last on {local:%Y-%m-%d} at {local:%H:%M} by vehicle {vehicle_id}"
    )
    text += Sentence(f"，{net_kg}公斤", f", {net_kg} kg") if net_kg is not None else NOTHING
    return text + Sentence("）", ")")


def _what_hindered(stops: Sequence[Outcome], labels: Mapping[str, tuple[str, str]]) -> Sentence:
    codes = Counter(code for stop in stops for code in stop.codes)
    words = [labels.get(code, (code, code)) for code in sorted(codes)]
    return Sentence(f"（{'、'.join(zh for zh, _ in words)}）", f" ({', '.join(en for _, en in words)})") if words else NOTHING
