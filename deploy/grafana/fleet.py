"""Fleet and telemetry: what arrives from the trucks, how good it is, and how fast it is stored."""

from grafana_foundation_sdk.builders import dashboard as build

from deploy.grafana.panels import BLUE, GREEN, RED, YELLOW, Panel, board, chart, figure, fill, ranking

STORED = "sum(rate(sanitation_telemetry_records_total[$__rate_interval]))"
REFUSED = "(sum(rate(sanitation_telemetry_rejected_total[$__rate_interval])) or vector(0))"
LATE = "sum(rate(sanitation_telemetry_late_total[$__rate_interval]))"
KNOWN = "sum(rate(sanitation_telemetry_duplicates_total[$__rate_interval]))"
TELEMETRY = 'sanitation_http_request_seconds_bucket{route="/v1/telemetry"}'


def quantile(share: float, buckets: str) -> str:
    return f"histogram_quantile({share}, sum by (le) (rate({buckets}[$__rate_interval])))"


def dashboard() -> build.Dashboard:
    made = board(
        "fleet",
        "环卫车队与遥测 Sanitation: Fleet",
        "What onboard units send: how much, how late, what is refused, and how long storing takes.",
    )
    return fill(made, _headline(), {"到达 Arrival": _arrival(), "质量 Quality": _quality(), "入库 Storing": _storing()})


def _headline() -> list[Panel]:
    return [
        figure(
            "入库速率 Records stored",
            STORED,
            "cps",
            "Records stored a second, all kinds. Worry when it is nothing while stops are due (alert TelemetryStopped).",
            [(None, BLUE)],
            1,
        ),
        figure(
            "迟到比例 Late",
            f"{LATE} / ({STORED} > 0) or vector(0)",
            "percentunit",
            "Share of stored records older on arrival than the offline limit. They count at their own time; worry above 20 % for half an hour.",
            [(None, GREEN), (0.05, YELLOW), (0.2, RED)],
            1,
        ),
        figure(
            "拒收比例 Refused",
            f"{REFUSED} / (({STORED} + {REFUSED}) > 0) or vector(0)",
            "percentunit",
            "Share of records refused one by one; the truck deletes them. Worry above 1 %: a firmware sends what the interface does not take.",
            [(None, GREEN), (0.01, YELLOW), (0.05, RED)],
            2,
        ),
        figure(
            "重复比例 Known already",
            f"{KNOWN} / (({STORED} + {KNOWN}) > 0) or vector(0)",
            "percentunit",
            "Records sent again that were stored before: harmless, each counts once. Worry above half: answers do not reach the trucks.",
            [(None, GREEN), (0.2, YELLOW), (0.6, RED)],
            1,
        ),
        figure(
            "写入耗时 p99 Answer p99",
            quantile(0.99, TELEMETRY),
            "s",
            "Time to answer a truck, for all but one in a hundred. The answer waits for the commit; worry above 1 s (alert TelemetrySlow).",
            [(None, GREEN), (0.5, YELLOW), (1, RED)],
            3,
        ),
        figure(
            "在线车辆 Trucks heard",
            'sum(max by (district, status) (sanitation_city_vehicles{status!="offline"})) or vector(0)',
            "short",
            "Trucks that are not offline. Worry when it drops within minutes.",
            [(None, BLUE)],
        ),
    ]


def _arrival() -> list[Panel]:
    return [
        chart(
            "各类记录 Records by kind",
            {"{{kind}}": "sum by (kind) (rate(sanitation_telemetry_records_total[$__rate_interval]))"},
            "cps",
            "Positions, lifts, loads, driver reports stored a second. Worry when one kind vanishes while the others stay: a sensor's or a firmware's fault.",
            stacked=True,
        ),
        chart(
            "车辆请求 Requests of trucks",
            {
                "{{status}}": 'sum by (status) (rate(sanitation_http_request_seconds_count{route="/v1/telemetry"}[$__rate_interval]))'
            },
            "reqps",
            "By answer: 200 all stored, 207 some refused, 401 token expired, 503 send again later. Worry about any 4xx that grows and any 5xx that stays.",
            stacked=True,
        ),
        chart(
            "迟到比例 Late share",
            {"迟到 late": f"{LATE} / ({STORED} > 0) or vector(0)"},
            "percentunit",
            "Records that trucks had to keep for longer than the offline limit. A hump after an outage is usual; worry when it stays.",
            worry_from=0.2,
        ),
        chart(
            "重复 Known already",
            {"重复 known": KNOWN},
            "cps",
            "Records sent again. A peak after an outage is usual; worry when it stays: trucks do not get their answers.",
        ),
    ]


def _quality() -> list[Panel]:
    return [
        chart(
            "拒收记录 Refused records by code",
            {"{{code}}": "sum by (code) (rate(sanitation_telemetry_rejected_total[$__rate_interval])) or vector(0)"},
            "cps",
            "Single records refused in a 207, by reason. Refused is lost: worry about every code that stays.",
            stacked=True,
        ),
        chart(
            "可疑记录 Flagged records",
            {"{{flag}}": "sum by (flag) (rate(sanitation_telemetry_flagged_total[$__rate_interval])) or vector(0)"},
            "cps",
            "Stored, but implausible: future time, impossible speed or weight. They change no verdict; worry when a flag follows a firmware update.",
            stacked=True,
        ),
        ranking(
            "拒绝请求 Refused requests, last hour",
            'topk(15, sum by (code) (increase(sanitation_rejected_total{service="vehicle"}[1h]))) or vector(0)',
            "{{code}}",
            "short",
            "Whole requests to the vehicle service that were refused, by problem code. Worry about unauthenticated (tokens expire) and too_busy (storage or broker away).",
            [(None, GREEN), (100, YELLOW), (1000, RED)],
            24,
        ),
    ]


def _storing() -> list[Panel]:
    records, seconds = "sanitation_group_commit_records_bucket", "sanitation_group_commit_seconds_bucket"
    return [
        chart(
            "组提交大小 Records in a transaction",
            {"p50": quantile(0.5, records), "p95": quantile(0.95, records)},
            "short",
            "Requests that arrive together share a commit. Few at low load; under load it grows, which is what keeps answers fast. Worry at the limit (2,000) together with slow answers.",
        ),
        chart(
            "组提交耗时 Seconds of a transaction",
            {"p50": quantile(0.5, seconds), "p95": quantile(0.95, seconds), "p99": quantile(0.99, seconds)},
            "s",
            "From begin to commit. Worry when it grows while the number of records does not: the disk, or a lock.",
            worry_from=1,
        ),
        chart(
            "应答耗时 Time to answer trucks",
            {"p50": quantile(0.5, TELEMETRY), "p95": quantile(0.95, TELEMETRY), "p99": quantile(0.99, TELEMETRY)},
            "s",
            "What an onboard unit waits for its 2xx, which the commit comes before. Worry above 1 s for p99.",
            worry_from=1,
        ),
        chart(
            "每秒事务 Transactions",
            {"事务 transactions": "sum(rate(sanitation_group_commit_seconds_count[$__rate_interval]))"},
            "ops",
            "Commits of telemetry a second. Far below the requests a second is good: they share one. Worry when it equals them under load.",
        ),
    ]
