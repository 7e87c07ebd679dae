"""How clean the city was found, as the evaluation service published and told it."""

from datetime import date

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from services.gateway.tables.base import GatewayTable


class CityIndex(GatewayTable, table=True):
    """One area's figure of one month, by the newest revision heard of. `value`: a decimal as text, two places."""

    __tablename__ = "city_index"

    level: str = Field(primary_key=True)
    period: date = Field(primary_key=True)
    area_id: str = Field(primary_key=True)
    revision: int
    value: str | None = None
    rank: int | None = None
    grade: str | None = None


class CityInspectionFinding(GatewayTable, table=True):
    __tablename__ = "city_inspection_finding"
    __table_args__ = (Index("city_inspection_finding_status", "status", "area_id"),)

    finding_id: str = Field(primary_key=True)
    revision: int
    area_id: str
    severity: str
    status: str
    overdue: bool


class CityDeduction(GatewayTable, table=True):
    """`points_e2`: hundredths of a point; `fen`: before a month's caps."""

    __tablename__ = "city_deduction"
    __table_args__ = (Index("city_deduction_month", "month", "contractor_id"),)

    deduction_id: str = Field(primary_key=True)
    revision: int
    contractor_id: str
    month: date
    points_e2: int
    fen: int = Field(sa_type=BigInteger)
    status: str
