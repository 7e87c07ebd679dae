"""What the incinerator service stores: plants and their furnace lines, emissions and what was exceeded, intake and ledgers."""

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
from services.incinerator.tables.intake import (
    DispatchPlan,
    Haul,
    IntakeRevision,
    IntakeTicket,
    LedgerDay,
    PlantEntry,
    Quota,
    Tonnage,
)
from services.incinerator.tables.plants import Plant

__all__ = [
    "DispatchPlan",
    "Exceedance",
    "ExceedanceRevision",
    "FurnaceLine",
    "Haul",
    "IncineratorTable",
    "IntakeRevision",
    "IntakeTicket",
    "LedgerDay",
    "LineDayDue",
    "LineMean",
    "Logger",
    "LoggerState",
    "OperatingMark",
    "Plant",
    "PlantEntry",
    "Quota",
    "RawFrame",
    "Reading",
    "Tonnage",
    "row_of",
]
