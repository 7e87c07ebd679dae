"""What dispatchers take away into a spreadsheet, with headers in zh-CN and English."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from services.route.schemas.progress import ProgressAnswer, ProgressGroup
from services.route.schemas.runs import RunDetail, RunStop
from services.route.schemas.sections import PassesAnswer
from shared.labels import LABELS
from shared.spreadsheet import Cell, File, Format, Table, export

OF_GROUP = {
    "key": ("编号", "Id"),
    "name": ("名称", "Name"),
    "runs": ("班次", "Runs"),
    "stops": ("停靠", "Stops"),
    "done": ("已完成", "Done"),
    "on_time": ("准时", "On time"),
    "early": ("提前收运", "Early"),
    "late": ("延迟收运", "Late"),
    "missed": ("漏收", "Missed"),
    "unknown": ("数据缺失", "Unknown"),
    "excepted": ("免责", "Excepted"),
    "waiting": ("待收", "Waiting"),
    "punctuality": ("准点率", "Punctuality"),
}
OF_STOP = {
    "seq": ("序号", "No."),
    "name": ("收集点名称", "Stop"),
    "service_point_id": ("收集点编号", "Service point"),
    "stream": ("垃圾类别", "Stream"),
    "planned_at": ("计划时间", "Planned"),
    "window_start": ("时间窗开始", "Window from"),
    "window_end": ("时间窗结束", "Window to"),
    "verdict": ("判定", "Verdict"),
    "served_at": ("收运时间", "Served"),
    "expected_kg": ("预计重量（千克）", "Expected kg"),
    "section_id": ("路段", "Road section"),
    "coverage": ("覆盖率", "Coverage"),
    "lon": ("经度 WGS-84", "Longitude"),
    "lat": ("纬度 WGS-84", "Latitude"),
}
TIMES = ("planned_at", "window_start", "window_end", "served_at")
OF_PASSES = {
    "section_id": ("路段编号", "Section"),
    "name": ("路段名称", "Name"),
    "road_level": ("道路等级", "Road level"),
    "district_id": ("行政区划", "District"),
    "length_m": ("长度（米）", "Length m"),
    "task": ("作业", "Task"),
    "days": ("统计天数", "Days"),
    "asked": ("应作业次数", "Asked"),
    "planned": ("计划次数", "Planned"),
    "done": ("完成", "Done"),
    "missed": ("未完成", "Missed"),
    "unknown": ("数据缺失", "Unknown"),
    "excepted": ("免责", "Excepted"),
    "waiting": ("待作业", "Waiting"),
    "defects": ("缺陷", "Defects"),
}
DEFECTS = {"planning": "计划不足 / too few planned", "service": "作业不足 / too few done"}
CODES = ("stream", "verdict")
TOTAL = "合计 / Total"


def progress_file(answer: ProgressAnswer, kind: Format, zone: ZoneInfo) -> File:
    rows = [*map(_group, answer.groups), _group(answer.total.model_copy(update={"key": TOTAL}))]
    return export(Table(f"progress-{answer.service_day}-{answer.by}", list(OF_GROUP.values()), rows, zone), kind)


def _group(group: ProgressGroup) -> list[Cell]:
    return [getattr(group, name) for name in OF_GROUP]


def run_file(run: RunDetail, kind: Format, zone: ZoneInfo) -> File:
    columns = [(zh, f"{en} ({zone.key})" if name in TIMES else en) for name, (zh, en) in OF_STOP.items()]
    return export(Table(f"run-{run.run_id}", columns, [_stop(stop) for stop in run.stops], zone), kind)


def _stop(stop: RunStop) -> list[Cell]:
    cells: dict[str, Cell] = {name: getattr(stop, name) for name in OF_STOP}
    return [*(cells | {name: " / ".join(LABELS[str(cells[name])]) for name in CODES}).values()]


def passes_file(items: Sequence[PassesAnswer], day: date, kind: Format, zone: ZoneInfo) -> File:
    return export(Table(f"passes-{day}", list(OF_PASSES.values()), [_passes(item) for item in items], zone), kind)


def _passes(item: PassesAnswer) -> list[Cell]:
    cells: dict[str, Cell] = {name: getattr(item, name) for name in OF_PASSES}
    defects = "; ".join(DEFECTS[defect] for defect in item.defects)
    return [*(cells | {"task": " / ".join(LABELS[item.task]), "defects": defects}).values()]
