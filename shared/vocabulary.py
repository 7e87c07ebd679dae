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
    """Of a complaint (12345 工单); what may be done in each: `services/complaint/rules/workflow.py`."""

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


LABELS: dict[str, tuple[str, str]] = {
    "recyclable": ("可回收物", "Recyclable"),
    "hazardous": ("有害垃圾", "Hazardous"),
    "food": ("湿垃圾", "Food waste"),
    "residual": ("干垃圾", "Residual"),
    "kitchen": ("餐厨垃圾", "Kitchen waste"),
    "bulky": ("大件垃圾", "Bulky"),
    "construction": ("装修垃圾", "Construction"),
    "green": ("园林垃圾", "Green waste"),
    "street": ("道路清扫物", "Street sweepings"),
    "collection": ("收运", "Collection"),
    "sweeping": ("清扫", "Sweeping"),
    "flushing": ("冲洗", "Flushing"),
    "disinfection": ("消杀", "Disinfection"),
    "planned": ("待收", "Planned"),
    "collected": ("已收", "Collected"),
    "early": ("早收", "Early"),
    "late": ("晚收", "Late"),
    "missed": ("漏收", "Missed"),
    "unknown": ("数据缺失", "Unknown"),
    "excepted": ("异常", "Excepted"),
    "no_access": ("无法进入", "no access"),
    "not_presented": ("未投放", "not presented"),
    "overloaded": ("垃圾桶满溢", "overloaded bin"),
    "contaminated": ("混投", "contaminated"),
    "extra_waste": ("额外垃圾", "extra waste"),
    "damaged_bin": ("垃圾桶损坏", "damaged bin"),
    "blocked": ("道路被占", "blocked"),
    "unsafe": ("作业不安全", "unsafe"),
    "vehicle_full": ("车辆满载", "vehicle full"),
    "disinfected": ("已消杀", "disinfected"),
    "breakdown": ("车辆故障", "breakdown"),
    "mixed_collection": ("混收混运", "Mixed collection"),
    "driving": ("行驶", "Driving"),
    "idle": ("怠速", "Idle"),
    "parked": ("停放", "Parked"),
    "offline": ("离线", "Offline"),
    "extra_pickup": ("临时收运", "Extra pick-up"),
    "take_over": ("接替收运", "Take over a run"),
    "unload": ("前往卸料", "Go and unload"),
    "message": ("消息", "Message"),
    "open": ("待送达", "Open"),
    "delivered": ("已送达", "Delivered"),
    "accepted": ("已接受", "Accepted"),
    "refused": ("已拒绝", "Refused"),
    "done": ("已完成", "Done"),
    "cancelled": ("已取消", "Cancelled"),
    "particulate": ("颗粒物", "Particulate"),
    "nox": ("氮氧化物", "NOx"),
    "so2": ("二氧化硫", "SO₂"),
    "hcl": ("氯化氢", "HCl"),
    "co": ("一氧化碳", "CO"),
    "furnace_temperature": ("炉膛温度", "Furnace temperature"),
    "oxygen": ("氧含量", "O₂"),
    "normal": ("正常", "Normal"),
    "heating": ("烘炉", "Heating up"),
    "starting": ("启炉", "Starting"),
    "stopping": ("停炉", "Stopping"),
    "cooling": ("停炉降温", "Cooling"),
    "stopped": ("停运", "Stopped"),
    "fault": ("故障", "Fault"),
    "accident": ("事故", "Accident"),
    "hourly": ("小时均值", "1-hour mean"),
    "daily": ("日均值", "Daily mean"),
    "trip_difference": ("车载称重与磅单不符", "Lifted and weighed differ"),
    "haul_difference": ("转运两端磅单不符", "Station and plant differ"),
    "haul_overdue": ("转运车逾期未到", "Haul overdue"),
    "station_difference": ("站内盘点差额", "Station stock differs"),
    "scale_drift": ("车载秤漂移", "Scale drift"),
    "not_tipped": ("长时间未卸料", "Not tipped"),
    "withdrawn": ("已撤销", "Withdrawn"),
    "explained": ("已说明", "Explained"),
    "lifted": ("收运", "Lifted"),
    "unloaded": ("卸料（车载秤）", "Unloaded (onboard scale)"),
    "tipped": ("进站过磅", "Tipped (weighbridge)"),
    "hauled": ("转运出站", "Hauled"),
    "arrived": ("转运到达（站磅）", "Hauls arrived (station's weight)"),
    "taken_in": ("转运到厂（厂磅）", "Hauls taken in (plant's weight)"),
    "stored": ("站内库存变化", "Stock change at stations"),
    "fed": ("入炉", "Fed to furnaces"),
    "slag": ("炉渣", "Slag"),
    "fly_ash": ("飞灰", "Fly ash"),
    "leachate": ("渗滤液", "Leachate"),
    "within_tolerance": ("允差之内", "Within tolerance"),
    "unexplained": ("未说明", "Unexplained"),
    "no_vehicle": ("磅单无车辆", "Ticket without a vehicle"),
    "first_trip": ("首次称重（起点不明）", "First ticket (beginning unknown)"),
    "no_onboard_scale": ("无车载秤", "No onboard scale"),
    "other_stream": ("品类不同", "Another stream"),
    "received": ("已收到", "Received"),
    "filed": ("已立案", "Filed"),
    "dispatched": ("已派遣", "Dispatched"),
    "handling": ("处置中", "Being handled"),
    "checking": ("待核查", "To be checked"),
    "checked": ("已核查", "Checked"),
    "replied": ("已答复", "Replied"),
    "called_back": ("已回访", "Called back"),
    "closed": ("已结案", "Closed"),
    "rejected": ("不予受理", "Not taken on"),
    "void": ("作废", "Void"),
    "joined": ("已并案", "Joined to another"),
    "satisfied": ("满意", "Satisfied"),
    "basically_satisfied": ("基本满意", "Basically satisfied"),
    "not_satisfied": ("不满意", "Not satisfied"),
}
