"""Tickets to be taken away into a spreadsheet, with headers in zh-CN and English."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from services.transfer_station.schemas.tickets import TicketAnswer
from shared.labels import LABELS
from shared.spreadsheet import Cell, File, Format, Table, export

OF_TICKET = {
    "number": ("磅单号", "Ticket"),
    "station_id": ("中转站", "Station"),
    "status": ("状态", "Status"),
    "plate": ("车牌", "Plate"),
    "vehicle_id": ("车辆", "Vehicle"),
    "contractor_id": ("作业企业", "Contractor"),
    "district_id": ("来源区划", "District of origin"),
    "stream": ("垃圾类别", "Stream"),
    "gross_kg": ("毛重（千克）", "Gross kg"),
    "tare_kg": ("皮重（千克）", "Tare kg"),
    "net_kg": ("净重（千克）", "Net kg"),
    "tare_source": ("皮重来源", "Tare from"),
    "weighed_in_at": ("进站称重时间", "Weighed in"),
    "bay_id": ("泊位", "Bay"),
    "weighed_out_at": ("出站称重时间", "Weighed out"),
    "manual": ("人工录入", "By hand"),
    "reason": ("原因", "Reason"),
    "person": ("操作人", "Person"),
}
WORDS = {
    "open": "未完成 / Open",
    "closed": "已完成 / Closed",
    "void": "作废 / Void",
    "weighed": "称重 / Weighed",
    "registered": "备案 / Registered",
}


def tickets_file(items: Sequence[TicketAnswer], kind: Format, zone: ZoneInfo) -> File:
    columns = [(zh, f"{en} ({zone.key})" if name.endswith("_at") else en) for name, (zh, en) in OF_TICKET.items()]
    return export(Table("weighbridge-tickets", columns, [_row(item) for item in items], zone), kind)


def _row(item: TicketAnswer) -> list[Cell]:
    cells: dict[str, Cell] = {name: getattr(item, name) for name in OF_TICKET}
    words = {"stream": " / ".join(LABELS[item.stream]), "status": WORDS[item.status], "manual": "是 / yes" if item.manual else ""}
    tare = {"tare_source": WORDS[item.tare_source] if item.tare_source else None}
    return [*(cells | words | tare).values()]
