"""What the route service stores: the timetable, the days' runs made from it, and what trucks did near their stops."""

from services.route.tables.base import RouteTable, row_of
from services.route.tables.facts import DriverReport, JudgementDue, Lift, Observation, Silence, VehicleProgress, Violation
from services.route.tables.runs import DispatchOrder, Handover, OrderChange, Run, Stop, StopVerdict
from services.route.tables.sections import RoadSection
from services.route.tables.timetable import CalendarDay, PlanVersion, Route, RouteStop, ServicePoint, Truck, TruckEntry

__all__ = [
    "CalendarDay",
    "DispatchOrder",
    "DriverReport",
    "Handover",
    "JudgementDue",
    "Lift",
    "Observation",
    "OrderChange",
    "PlanVersion",
    "RoadSection",
    "Route",
    "RouteStop",
    "RouteTable",
    "Run",
    "ServicePoint",
    "Silence",
    "Stop",
    "StopVerdict",
    "Truck",
    "TruckEntry",
    "VehicleProgress",
    "Violation",
    "row_of",
]
