"""The field's words that every service shares (GLOSSARY): value in code, label in zh-CN and English."""

from enum import StrEnum


class WasteStream(StrEnum):
    """Shanghai household waste rules (2019) name the first four; the rest are collected apart."""

    RECYCLABLE = "recyclable"
    HAZARDOUS = "hazardous"
    FOOD = "food"
    RESIDUAL = "residual"
    KITCHEN = "kitchen"
    BULKY = "bulky"
    CONSTRUCTION = "construction"
    GREEN = "green"
    STREET = "street"
    """What sweepers pick up; rounds that flush or disinfect carry nothing and are filed under it."""


class Task(StrEnum):
    """What a round is for: waste is collected at stops or from door to door; a street is swept, flushed or disinfected."""

    COLLECTION = "collection"
    SWEEPING = "sweeping"
    FLUSHING = "flushing"
    DISINFECTION = "disinfection"


class VehicleKind(StrEnum):
    COMPACTOR = "compactor"
    FOOD_WASTE = "food_waste"
    HOOK_LIFT = "hook_lift"
    HAZARDOUS = "hazardous"
    SWEEPER = "sweeper"
    WASHER = "washer"
    OTHER = "other"


class Verdict(StrEnum):
    """What became of a stop."""

    PLANNED = "planned"
    COLLECTED = "collected"
    EARLY = "early"
    LATE = "late"
    MISSED = "missed"
    UNKNOWN = "unknown"
    EXCEPTED = "excepted"


class AlertKind(StrEnum):
    OVERSPEED = "overspeed"
    OFFLINE = "offline"
    LONG_IDLE = "long_idle"
    GEOFENCE = "geofence"
    IMPLAUSIBLE_WEIGHT = "implausible_weight"


class AlertStatus(StrEnum):
    """`withdrawn`: late data showed that it never was."""

    OPEN = "open"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class OrderKind(StrEnum):
    """What a dispatcher may tell a truck to do."""

    EXTRA_PICKUP = "extra_pickup"
    TAKE_OVER = "take_over"
    UNLOAD = "unload"
    MESSAGE = "message"


class OrderStatus(StrEnum):
    """`delivered`: it went out with an answer to the truck; what follows the driver, the evidence or the dispatcher says."""

    OPEN = "open"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DONE = "done"
    CANCELLED = "cancelled"


class ViolationKind(StrEnum):
    MIXED_COLLECTION = "mixed_collection"


class ViolationStatus(StrEnum):
    """`withdrawn`: late data showed that it never was."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"


class TicketStatus(StrEnum):
    """Of a weighbridge ticket; it is never deleted, but may be void."""

    OPEN = "open"
    CLOSED = "closed"
    VOID = "void"


class TareSource(StrEnum):
    """Where a ticket's empty weight comes from: the second weighing, or the truck's registered tare while it is valid."""

    WEIGHED = "weighed"
    REGISTERED = "registered"


class HaulStatus(StrEnum):
    """Of a sealed container on its way from a transfer station to a plant."""

    LEFT = "left"
    ARRIVED = "arrived"
    CANCELLED = "cancelled"


class StationAlarmKind(StrEnum):
    WRONG_BAY = "wrong_bay"
    STORAGE_HIGH = "storage_high"
    TARE_EXPIRED = "tare_expired"
    QUEUE_LONG = "queue_long"
    VIDEO_OFFLINE = "video_offline"


class Measured(StrEnum):
    """What a furnace line's monitors measure: the five pollutants of GB 18485 in mg/m³ (dry, standard state, 11 % O₂), and what
    judging them needs."""

    PARTICULATE = "particulate"
    NOX = "nox"
    SO2 = "so2"
    HCL = "hcl"
    CO = "co"
    FURNACE_TEMPERATURE = "furnace_temperature"
    OXYGEN = "oxygen"


class OperatingCondition(StrEnum):
    """Of a furnace line, as its plant marks it (自动监测数据标记规则)."""

    NORMAL = "normal"
    HEATING = "heating"
    STARTING = "starting"
    STOPPING = "stopping"
    COOLING = "cooling"
    STOPPED = "stopped"
    FAULT = "fault"
    ACCIDENT = "accident"


class ExceedanceKind(StrEnum):
    HOURLY = "hourly"
    DAILY = "daily"
    FURNACE_TEMPERATURE = "furnace_temperature"


class ComplaintStatus(StrEnum):
    """Of a complaint (12345 工单); what may be done in each: `services/complaint/domain/workflow.py`."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    FILED = "filed"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    CHECKING = "checking"
    CHECKED = "checked"
    REPLIED = "replied"
    CALLED_BACK = "called_back"
    CLOSED = "closed"
    REJECTED = "rejected"
    VOID = "void"
    JOINED = "joined"


class ComplaintStep(StrEnum):
    """What is done with a complaint."""

    ACCEPT = "accept"
    REJECT = "reject"
    ANSWER = "answer"
    FILE = "file"
    DISPATCH = "dispatch"
    TRANSFER = "transfer"
    RETURN = "return"
    TAKE = "take"
    FINISH = "finish"
    PASS_CHECK = "pass_check"  # noqa: S105 - a step, no password
    FAIL_CHECK = "fail_check"
    CONTACT = "contact"
    REPLY = "reply"
    CALL_BACK = "call_back"
    CLOSE = "close"
    REOPEN = "reopen"
    PRESS = "press"
    ASK_EXTENSION = "ask_extension"
    APPROVE_EXTENSION = "approve_extension"
    REFUSE_EXTENSION = "refuse_extension"
    JOIN = "join"
    SPLIT = "split"
    VOID = "void"
    EDIT = "edit"
    NOTE = "note"


class ClockKind(StrEnum):
    CONTACT = "contact"
    RESOLVE = "resolve"
    CALL_BACK = "call_back"


class ClockColour(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


class Channel(StrEnum):
    """How a complaint came in."""

    HOTLINE = "hotline"
    OPEN311 = "open311"
    APP = "app"
    MAIL = "mail"
    VISIT = "visit"
    INSPECTION = "inspection"
    IMPORT = "import"


class Satisfaction(StrEnum):
    SATISFIED = "satisfied"
    BASICALLY = "basically_satisfied"
    NOT = "not_satisfied"


class Role(StrEnum):
    DEVICE = "device"
    DISPATCHER = "dispatcher"
    STATION_OPERATOR = "station_operator"
    AUDITOR = "auditor"
    """The city's own quality office: reads what every service knows."""
    INSPECTOR = "inspector"
    """Looks at places and uploads what was found."""
    EVALUATOR = "evaluator"
    """A third party: reads the published index and what it rests on, nothing else."""
    CITIZEN = "citizen"
    ADMIN = "admin"


class FindingKind(StrEnum):
    """A discrepancy of the mass balance."""

    TRIP_DIFFERENCE = "trip_difference"
    HAUL_DIFFERENCE = "haul_difference"
    HAUL_OVERDUE = "haul_overdue"
    STATION_DIFFERENCE = "station_difference"
    SCALE_DRIFT = "scale_drift"
    NOT_TIPPED = "not_tipped"


class FindingStatus(StrEnum):
    """`explained`: a person said why; `closed`: a person is done with it; `withdrawn`: later data showed that there is none."""

    OPEN = "open"
    EXPLAINED = "explained"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class FindingCause(StrEnum):
    """What a person found behind a discrepancy."""

    RAIN = "rain"
    TARE = "tare"
    MISSING_LIFT_DATA = "missing_lift_data"
    SCALE_DRIFT = "scale_drift"
    DIVERTED = "diverted"
    THEFT = "theft"
    LOST_ON_THE_WAY = "lost_on_the_way"
    WRONG_ENTRY = "wrong_entry"
    OTHER = "other"
