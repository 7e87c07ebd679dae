"""What plants and the environment bureau take away into a spreadsheet, with headers in zh-CN and English."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from services.incinerator.schemas.emissions import EmissionAnswer, ExceedanceAnswer
from services.incinerator.schemas.intake import IntakeAnswer, LedgerAnswer
from shared.labels import LABELS
from shared.spreadsheet import Cell, File, Format, Table, export

Columns = Mapping[str, tuple[str, str]]
OF_EMISSION: Columns = {
    "start": ("时间", "Start"),
    "measured": ("监测因子", "Measured"),
    "value": ("数值", "Value"),
    "unit": ("单位", "Unit"),
    "state": ("有效性", "Validity"),
    "covered": ("有效数据", "Valid data"),
    "source": ("数据来源", "Made from"),
    "over": ("超标", "Over the limit"),
    "condition": ("工况标记", "Operating mark"),
}
OF_EXCEEDANCE: Columns = {
    "period_start": ("时段开始", "From"),
    "period_end": ("时段结束", "To"),
    "plant_id": ("焚烧厂", "Plant"),
    "line_id": ("焚烧线", "Furnace line"),
    "kind": ("类型", "Kind"),
    "pollutant": ("污染物", "Pollutant"),
    "value": ("数值", "Value"),
    "limit": ("限值", "Limit"),
    "unit": ("单位", "Unit"),
    "source": ("依据", "Source"),
    "status": ("状态", "Status"),
    "closed_at": ("恢复时间", "Within again"),
    "revision": ("版本", "Revision"),
}
OF_INTAKE: Columns = {
    "arrived_at": ("进厂时间", "Arrived"),
    "left_at": ("出厂时间", "Left"),
    "plant_id": ("焚烧厂", "Plant"),
    "plate": ("车牌", "Plate"),
    "client_id": ("磅单号", "Ticket"),
    "seal_number": ("铅封号", "Seal"),
    "stream": ("垃圾类别", "Stream"),
    "gross_kg": ("毛重（千克）", "Gross kg"),
    "tare_kg": ("皮重（千克）", "Tare kg"),
    "net_kg": ("净重（千克）", "Net kg"),
    "net_difference_kg": ("与中转站净重差（千克）", "Difference to the station kg"),
    "hours_on_the_way": ("在途小时", "Hours on the way"),
    "status": ("状态", "Status"),
    "manual": ("人工录入", "Typed"),
    "reason": ("原因", "Reason"),
    "revision": ("版本", "Revision"),
}
OF_DAY: Columns = {
    "day": ("日期", "Day"),
    "intake_kg": ("进厂量（千克）", "Intake kg"),
    "fed_kg": ("入炉量（千克）", "Fed kg"),
    "correction_kg": ("盘点修正（千克）", "Correction kg"),
    "bunker_kg": ("垃圾仓存量（千克）", "In the bunker kg"),
    "slag_kg": ("炉渣（千克）", "Slag kg"),
    "fly_ash_kg": ("飞灰（千克）", "Fly ash kg"),
    "leachate_kg": ("渗滤液（千克）", "Leachate kg"),
    "power_kwh": ("发电量(kWh)", "Power kWh"),
}
TICKETS = {"open": "未过皮 / open", "closed": "已完成 / closed", "void": "作废 / void"}
STATES = {
    "valid": "有效 / valid",
    "invalid": "无效 / invalid",
    "exempt": "标记免除 / exempt",
    "open": "超标中 / open",
    "closed": "已恢复 / closed",
    "withdrawn": "已撤销 / withdrawn",
}


def emissions_file(name: str, items: Sequence[EmissionAnswer], kind: Format, zone: ZoneInfo) -> File:
    return _file(f"emissions-{name}", OF_EMISSION, items, kind, zone, STATES)


def exceedances_file(items: Sequence[ExceedanceAnswer], kind: Format, zone: ZoneInfo) -> File:
    return _file("exceedances", OF_EXCEEDANCE, items, kind, zone, STATES)


def intakes_file(items: Sequence[IntakeAnswer], kind: Format, zone: ZoneInfo) -> File:
    return _file("intakes", OF_INTAKE, items, kind, zone, TICKETS)


def ledger_file(plant_id: str, items: Sequence[LedgerAnswer], kind: Format, zone: ZoneInfo) -> File:
    return _file(f"ledger-{plant_id}", OF_DAY, items, kind, zone, {})


def _file(
    name: str, columns: Columns, items: Sequence[BaseModel], kind: Format, zone: ZoneInfo, words: Mapping[str, str]
) -> File:
    rows = [[_cell(getattr(item, field), words) for field in columns] for item in items]
    return export(Table(name, list(columns.values()), rows, zone), kind)


def _cell(value: Cell | bool, words: Mapping[str, str]) -> Cell:
    if isinstance(value, bool):
        return "是 / yes" if value else "否 / no"
    if isinstance(value, str):
        return words.get(value) or (" / ".join(LABELS[value]) if value in LABELS else str(value))
    return value
