"""What dispatchers take away into a spreadsheet, with headers in zh-CN and English."""

from zoneinfo import ZoneInfo

from services.route.schemas import RunDetail, RunStop
from services.route.schemas.progress import ProgressAnswer, ProgressGroup
from shared.spreadsheet import Cell, File, Format, Table, export
from shared.vocabulary import LABELS

OF_GROUP = {
    "key": ("编号", "Id"), "name": ("名称", "Name"), "runs": ("班次", "Runs"), "stops": ("停靠点", "Stops"),
    "done": ("已完成", "Done"), "on_time": ("准时", "On time"), "early": ("早收", "Early"), "late": ("晚收", "Late"),
    "missed": ("漏收", "Missed"), "unknown": ("数据缺失", "Unknown"), "excepted": ("异常", "Excepted"),
    "waiting": ("待收", "Waiting"), "punctuality": ("准点率", "Punctuality"),
}  # fmt: skip
OF_STOP = {
    "seq": ("序号", "No."), "name": ("站点名称", "Stop"), "service_point_id": ("收集点", "Service point"),
    "stream": ("垃圾类别", "Stream"), "planned_at": ("计划时间", "Planned"), "window_start": ("时间窗开始", "Window from"),
    "window_end": ("时间窗结束", "Window to"), "verdict": ("判定", "Verdict"), "served_at": ("收运时间", "Served"),
    "expected_kg": ("预计重量(kg)", "Expected kg"), "lon": ("经度 WGS-84", "Longitude"), "lat": ("纬度 WGS-84", "Latitude"),
}  # fmt: skip
TIMES = ("planned_at", "window_start", "window_end", "served_at")
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
