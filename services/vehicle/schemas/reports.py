"""Bodies of drivers' reports and their photos."""

from datetime import datetime

from shared.bodies import Answer


class PhotoAnswer(Answer):
    """How it was stored: upright, without metadata, its longest side 2,048 pixels at most."""

    report_id: str
    photo_id: str
    width_px: int
    height_px: int


class ReportAnswer(Answer):
    report_id: str
    vehicle_id: str
    at: datetime
    code: str
    stop_id: str | None
    service_point_id: str | None
    note: str | None
    lon: float | None
    lat: float | None
    received_at: datetime
    photo_ids: list[str]
    flags: list[str]
    """`future_time` or `past_time`: the report was kept, and excuses nothing."""
