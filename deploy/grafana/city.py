"""City operations: what the dispatch centre asks. Figures are counted by the gateway every 15 s, the same in every replica."""

from grafana_foundation_sdk.builders import dashboard as build

from deploy.grafana.panels import BLUE, GREEN, RED, YELLOW, Panel, board, chart, figure, fill, label_values, ranking

VEHICLES = 'max by (district, status) (sanitation_city_vehicles{district=~"$district"})'
STOPS = 'max by (district, verdict) (sanitation_city_stops{district=~"$district"})'
DUE = 'max by (district) (sanitation_city_stops_due{district=~"$district"})'
JUDGED = 'sum(max by (district, verdict) (sanitation_city_stops{district=~"$district",verdict!="planned"}))'


def of(source: str, label: str, values: str) -> str:
    """`source` narrowed to some values of a label."""
    return source.replace("}", f',{label}=~"{values}"}}', 1)


def dashboard() -> build.Dashboard:
    made = board(
        "city",
        "环卫城市态势 Sanitation: City",
        "What the city's sanitation is doing now: trucks, stops, weights, alerts. Late data corrects these figures.",
        [label_values("district", "区 District", "sanitation_city_vehicles")],
    )
    return fill(
        made,
        _headline(),
        {
            "车辆 Trucks": _trucks(),
            "停靠 Stops": _stops(),
            "重量与报警 Weight and alerts": _weights(),
            "诉求 Complaints": _complaints(),
        },
    )


def _headline() -> list[Panel]:
    return [
        figure(
            "在途车辆 Trucks driving",
            f"sum({of(VEHICLES, 'status', 'driving')}) or vector(0)",
            "short",
            "Trucks that move now. Worry when it is far below what the timetable needs at this hour.",
            [(None, BLUE)],
        ),
        figure(
            "离线比例 Offline",
            f"(sum({of(VEHICLES, 'status', 'offline')}) or vector(0)) / sum({VEHICLES})",
            "percentunit",
            "Share of trucks that have been silent longer than the offline limit. At night that is usual; worry above 30 % while stops are due.",
            [(None, GREEN), (0.3, YELLOW), (0.6, RED)],
            1,
        ),
        figure(
            "今日完成 Done today",
            f"(sum({of(STOPS, 'verdict', 'collected|early|late')}) or vector(0)) / (sum({STOPS}) > 0) or vector(0)",
            "percentunit",
            "Stops collected, early or late, of all stops planned today. It climbs with the day; worry when it is far below the same hour of other days.",
            [(None, BLUE)],
            1,
        ),
        figure(
            "漏收 Missed today",
            f"sum({of(STOPS, 'verdict', 'missed')}) or vector(0)",
            "short",
            "Stops whose window is over and whose truck certainly did not come. Each is a neighbourhood's full bins: worry from the first.",
            [(None, GREEN), (1, YELLOW), (50, RED)],
        ),
        figure(
            "今日收运量 Lifted today",
            "sum(max by (stream) (sanitation_city_lifted_grams)) or vector(0)",
            "massg",
            "Net weight of all bins lifted today, whole city. Worry when it stays flat while trucks drive: onboard scales are silent.",
            [(None, BLUE)],
            1,
        ),
        figure(
            "未关闭报警 Open alerts",
            "sum(max by (kind) (sanitation_city_alerts_open)) or vector(0)",
            "short",
            "Alerts of trucks that nobody has closed, whole city. Worry when it grows for hours: nobody looks at them.",
            [(None, GREEN), (20, YELLOW), (200, RED)],
        ),
    ]


def _trucks() -> list[Panel]:
    return [
        chart(
            "车辆状态 Trucks by status",
            {"{{status}}": f"sum by (status) ({VEHICLES})"},
            "short",
            "Driving, idle, parked, offline. Worry when many turn offline within minutes: coverage, or the way in to the suite.",
            stacked=True,
        ),
        ranking(
            "各区离线车辆 Offline by district",
            f"topk(15, sum by (district) ({of(VEHICLES, 'status', 'offline')})) or vector(0)",
            "{{district}}",
            "short",
            "Silent trucks by district. Worry about one that stands out, a depot or a contractor; all at once is the network.",
            [(None, GREEN), (5, YELLOW), (20, RED)],
        ),
    ]


def _stops() -> list[Panel]:
    return [
        chart(
            "今日判定 Verdicts today",
            {"{{verdict}}": f"sum by (verdict) ({STOPS})"},
            "short",
            "Every stop planned today by its verdict. Worry when missed or unknown grow while collected does not.",
            stacked=True,
        ),
        chart(
            "待收 Due now",
            {"{{district}}": f"topk(10, {DUE})"},
            "short",
            "Stops whose window is open, or over and not judged, by district. It rises and falls with the timetable; worry when it only rises.",
        ),
        ranking(
            "各区漏收 Missed by district",
            f"topk(15, sum by (district) ({of(STOPS, 'verdict', 'missed')})) or vector(0)",
            "{{district}}",
            "short",
            "Where bins stayed full today. Worry above a tenth of a district's judged stops (alert StopsMissed).",
            [(None, GREEN), (5, YELLOW), (20, RED)],
        ),
        ranking(
            "各区数据缺失 Unknown by district",
            f"topk(15, sum by (district) ({of(STOPS, 'verdict', 'unknown')})) or vector(0)",
            "{{district}}",
            "short",
            "Stops nobody can judge: the truck's data does not reach past the window. It falls again when late data arrives; worry when it does not.",
            [(None, GREEN), (5, YELLOW), (20, RED)],
        ),
        chart(
            "漏收与缺失占比 Missed and unknown",
            {
                "漏收 missed": f"(sum({of(STOPS, 'verdict', 'missed')}) or vector(0)) / ({JUDGED} > 0) or vector(0)",
                "数据缺失 unknown": f"(sum({of(STOPS, 'verdict', 'unknown')}) or vector(0)) / ({JUDGED} > 0) or vector(0)",
            },
            "percentunit",
            "Share of the stops judged so far whose truck did not come, or of which nobody knows. Worry above 10 %.",
            worry_from=0.1,
        ),
        chart(
            "超时指令 Orders overdue",
            {"{{kind}}": "max by (kind) (sanitation_orders_overdue)"},
            "short",
            "Dispatch orders that nobody has refused, done or taken back in time. Worry from the first that stays (alert OrdersOverdue).",
            worry_from=1,
        ),
        chart(
            "判定速率 Verdicts given",
            {"{{verdict}}": "sum by (verdict) (rate(sanitation_stops_judged_total[$__rate_interval]))"},
            "cps",
            "What the judge decides a second, corrections too, whole city. A burst when late data arrives is usual; worry when stops are due and it stays at nothing.",
        ),
    ]


def _complaints() -> list[Panel]:
    red, opened = 'max(sanitation_complaints_due{colour="red"})', "max(sanitation_complaints_open)"
    return [
        chart(
            "未结诉求 Open complaints",
            {"未结 open": opened, "即将超时 due soon": 'max(sanitation_complaints_due{colour="yellow"})', "超时 overdue": red},
            "short",
            "Cases that are not closed, and how many of them are near or beyond their time. Worry when overdue ones grow day after day.",
        ),
        chart(
            "超时占比 Share overdue",
            {"超时 overdue": f"{red} / ({opened} > 0) or vector(0)"},
            "percentunit",
            "Overdue cases of all that are open. Worry above 10 % (alert ComplaintsOverdue).",
            worry_from=0.1,
        ),
    ]


def _weights() -> list[Panel]:
    return [
        chart(
            "今日各类收运量 Lifted today by stream",
            {"{{stream}}": "max by (stream) (sanitation_city_lifted_grams)"},
            "massg",
            "Net weight by waste stream since midnight, whole city. Worry when a stream stays at nothing on a day it is collected.",
            stacked=True,
        ),
        chart(
            "今日收桶数 Bins lifted today by stream",
            {"{{stream}}": "max by (stream) (sanitation_city_lifts)"},
            "short",
            "Bins emptied since midnight, whole city. Worry when bins rise and the weight beside it does not: scales that do not weigh.",
            stacked=True,
        ),
        chart(
            "未关闭报警 Open alerts by kind",
            {"{{kind}}": "max by (kind) (sanitation_city_alerts_open)"},
            "short",
            "Whole city. Worry when one kind jumps: overspeed is a driver or a wrong limit, weights are a scale.",
            stacked=True,
        ),
        chart(
            "数据时间差 Age of each part",
            {"{{part}}": "time() - max by (part) (sanitation_city_part_as_of_timestamp_seconds)"},
            "s",
            "How far behind now each part of the city view is confirmed. Consoles grey a part after 20 s; worry above a minute (alert CityViewStale).",
            worry_from=60,
        ),
    ]
