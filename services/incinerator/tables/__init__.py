"""What the incinerator service stores: plants and their furnace lines, emissions and what was exceeded."""

from services.incinerator.tables.base import IncineratorTable, row_of
from services.incinerator.tables.emissions import (
    Exceedance,
    ExceedanceRevision,
    FurnaceLine,
    LineDayDue,
    LineMean,
    Logger,
    LoggerState,
    OperatingMark,
    RawFrame,
    Reading,
)
from services.incinerator.tables.plants import Plant

__all__ = [
    "Exceedance",
    "ExceedanceRevision",
    "FurnaceLine",
    "IncineratorTable",
    "LineDayDue",
    "LineMean",
    "Logger",
    "LoggerState",
    "OperatingMark",
    "Plant",
    "RawFrame",
    "Reading",
    "row_of",
]
