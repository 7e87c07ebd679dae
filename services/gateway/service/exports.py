"""What the office takes away into a spreadsheet, with headers in zh-CN and English."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from services.gateway.schemas.balance import FindingAnswer
from services.gateway.schemas.flows import FlowRow, FlowsAnswer
from shared.labels import LABELS
from shared.spreadsheet import Cell, File, Format, Table, export

OF_FLOW = {
    "period": ("期间", "Period"),
    "key": ("分组", "Group"),
    "net_kg": ("重量（千克）", "Net kg"),
    "facts": ("次数", "Number"),
    "share": ("占比", "Share"),
    "before_kg": ("上期（千克）", "Period before, kg"),
    "growth": ("环比", "Growth"),
    "year_ago_kg": ("去年同期（千克）", "Year ago, kg"),
    "growth_year": ("同比", "Growth on year"),
}
OF_FINDING = {
    "day": ("日期", "Day"),
    "kind": ("问题", "Finding"),
    "status": ("状态", "Status"),
    "subject_id": ("对象", "About"),
    "vehicle_id": ("车辆", "Vehicle"),
    "site_id": ("场站", "Site"),
    "contractor_id": ("作业企业", "Contractor"),
    "district_id": ("行政区划", "District"),
    "stream": ("垃圾类别", "Stream"),
    "expected_kg": ("应为（千克）", "Expected kg"),
    "found_kg": ("实为（千克）", "Found kg"),
    "difference_kg": ("差额（千克）", "Difference kg"),
    "tolerance_kg": ("允差（千克）", "Tolerance kg"),
    "cause": ("原因", "Cause"),
    "note": ("说明", "Note"),
}
TOTAL = "合计 / Total"


def flows_file(answer: FlowsAnswer, kind: Format, zone: ZoneInfo) -> File:
    rows = [_flow(row, _words(row.key)) for row in answer.rows] + [_flow(row, TOTAL) for row in answer.totals]
    name = f"{answer.stage}-by-{answer.by}-{answer.grain}-{answer.first}"
    return export(Table(name, list(OF_FLOW.values()), sorted(rows, key=lambda row: str(row[0])), zone), kind)


def _flow(row: FlowRow, key: str) -> list[Cell]:
    return [key if name == "key" else getattr(row, name) for name in OF_FLOW]


def findings_file(items: Sequence[FindingAnswer], kind: Format, zone: ZoneInfo) -> File:
    return export(Table("balance-findings", list(OF_FINDING.values()), [_finding(item) for item in items], zone), kind)


def _finding(item: FindingAnswer) -> list[Cell]:
    cells: dict[str, Cell] = {name: getattr(item, name) for name in OF_FINDING}
    return [
        _words(cell) if isinstance(cell, str) and name in {"kind", "status", "stream"} else cell for name, cell in cells.items()
    ]


def _words(code: str) -> str:
    return " / ".join(LABELS[code]) if code in LABELS else code
