"""What the gateway stores, built from events alone: the city as it is now, and the way of every kilogram."""

from services.gateway.tables.base import GatewayTable, row_of
from services.gateway.tables.city import (
    CityAlert,
    CityClock,
    CityDistrict,
    CityPart,
    CityRun,
    CityStop,
    CityVehicle,
    CityViolation,
)
from services.gateway.tables.weighed import (
    BalanceDue,
    CityFinding,
    CityFindingChange,
    CityFlow,
    CityHaul,
    CityLift,
    CityPosted,
    CityQuota,
    CityScale,
    CitySiteFact,
    CityTip,
    CityTrip,
    unlabelled_lift,
)

__all__ = [
    "BalanceDue",
    "CityAlert",
    "CityClock",
    "CityDistrict",
    "CityFinding",
    "CityFindingChange",
    "CityFlow",
    "CityHaul",
    "CityLift",
    "CityPart",
    "CityPosted",
    "CityQuota",
    "CityRun",
    "CityScale",
    "CitySiteFact",
    "CityStop",
    "CityTip",
    "CityTrip",
    "CityVehicle",
    "CityViolation",
    "GatewayTable",
    "row_of",
    "unlabelled_lift",
]
