"""What plants and the environment bureau take away into a spreadsheet, with headers in zh-CN and English."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from services.incinerator.schemas.emissions import EmissionAnswer, ExceedanceAnswer
from shared.spreadsheet import Cell, File, Format, Table, export
from shared.vocabulary import LABELS

Columns = Mapping[str, tuple[str, str]]
OF_EMISSION: Columns = {
    "start": ("时间", "Start"), "measured": ("监测因子", "Measured"), "value": ("数值", "Value"), "unit": ("单位", "Unit"),
    "state": ("有效性", "Validity"), "covered": ("有效数据", "Valid data"), "source": ("数据来源", "Made from"),
    "over": ("超标", "Over the limit"), "condition": ("工况标记", "Operating mark"),
}  # fmt: skip
OF_EXCEEDANCE: Columns = {
    "period_start": ("时段开始", "From"), "period_end": ("时段结束", "To"), "plant_id": ("焚烧厂", "Plant"),
    "line_id": ("焚烧线", "Furnace line"), "kind": ("类型", "Kind"), "pollutant": ("污染物", "Pollutant"),
    "value": ("数值", "Value"),
    "limit": ("限值", "Limit"), "unit": ("单位", "Unit"), "source": ("依据", "Source"), "status": ("状态", "Status"),
    "closed_at": ("恢复时间", "Within again"), "revision": ("版本", "Revision"),
}  # fmt: skip
STATES = {
    "valid": "有效 / valid", "invalid": "无效 / invalid", "exempt": "标记免除 / exempt",
    "open": "超标中 / open", "closed": "已恢复 / closed", "withdrawn": "已撤销 / withdrawn",
}  # fmt: skip


def emissions_file(name: str, items: Sequence[EmissionAnswer], kind: Format, zone: ZoneInfo) -> File:
    return _file(f"emissions-{name}", OF_EMISSION, items, kind, zone)


def exceedances_file(items: Sequence[ExceedanceAnswer], kind: Format, zone: ZoneInfo) -> File:
    return _file("exceedances", OF_EXCEEDANCE, items, kind, zone)


def _file(name: str, columns: Columns, items: Sequence[BaseModel], kind: Format, zone: ZoneInfo) -> File:
    rows = [[_cell(getattr(item, field)) for field in columns] for item in items]
    return export(Table(name, list(columns.values()), rows, zone), kind)


def _cell(value: Cell | bool) -> Cell:
    if isinstance(value, bool):
        return "是 / yes" if value else "否 / no"
    if isinstance(value, str):
        return STATES.get(value) or (" / ".join(LABELS[value]) if value in LABELS else str(value))
    return value
