"""Suite health: is it up, is it fast, does what one service says reach the others."""

from grafana_foundation_sdk.builders import dashboard as build

from deploy.grafana.panels import BLUE, GREEN, RED, YELLOW, Panel, board, chart, figure, fill, label_values

PEOPLE = 'route!~"/v1/city/live|/metrics|/health/.*",service=~"$service"'
"""Neither probes nor streams that stay open for hours."""
SERVICE = 'service=~"$service"'


def dashboard() -> build.Dashboard:
    made = board(
        "health",
        "环卫系统健康 Sanitation: Health",
        "Whether the suite answers, how fast, and how long an event takes from service to service.",
        [label_values("service", "服务 Service", "sanitation_build_info")],
    )
    return fill(made, _headline(), {"请求 Requests": _requests(), "消息 Events": _events(), "进程 Processes": _processes()})


def _headline() -> list[Panel]:
    return [
        figure(
            "在线副本 Replicas up",
            'sum(up{job="sanitation"}) or vector(0)',
            "short",
            "Processes of the suite that answer Prometheus. Worry when it is below what you deployed (alert ServiceDown when a service has none).",
            [(None, RED), (1, GREEN)],
        ),
        figure(
            "失败比例 1h Failed, 1 h",
            "max(service:sanitation_http_errors:ratio_rate1h) or vector(0)",
            "percentunit",
            "Share of requests answered 5xx within the last hour, worst service. The promise is 0.1 % over a month; worry above 1.4 %.",
            [(None, GREEN), (0.001, YELLOW), (0.0144, RED)],
            2,
        ),
        figure(
            "最久待发 Oldest unsent",
            "max(sanitation_outbox_oldest_unsent_seconds)",
            "s",
            "Age of the oldest event the bus has not confirmed. Under a second is usual; worry above a minute: RabbitMQ is away (alert OutboxStuck).",
            [(None, GREEN), (5, YELLOW), (60, RED)],
            1,
        ),
        figure(
            "死信 Dead letters",
            "sum(max by (service) (sanitation_dead_letters_waiting)) or vector(0)",
            "short",
            "Events a consumer gave up on and nobody has replayed: figures lack them. Worry from the first.",
            [(None, GREEN), (1, RED)],
        ),
        figure(
            "在线控制台 Live consoles",
            "sum(sanitation_live_consoles)",
            "short",
            "Open live streams over all gateway replicas. Worry when it drops to nothing while dispatchers work.",
            [(None, BLUE)],
        ),
        figure(
            "触发告警 Alerts firing",
            'count(ALERTS{alertstate="firing",alertname!="Watchdog"}) or vector(0)',
            "short",
            "Prometheus alerts that fire now. Worry about each: docs/operations/alerts.md says what to do.",
            [(None, GREEN), (1, RED)],
        ),
    ]


def _requests() -> list[Panel]:
    count, bucket = f"sanitation_http_request_seconds_count{{{PEOPLE}}}", f"sanitation_http_request_seconds_bucket{{{PEOPLE}}}"
    failed = f'sanitation_http_request_seconds_count{{{PEOPLE},status=~"5.."}}'
    return [
        chart(
            "请求数 Requests by service",
            {"{{service}}": f"sum by (service) (rate({count}[$__rate_interval]))"},
            "reqps",
            "Requests answered a second. Worry when a service drops to nothing: nobody reaches it.",
            stacked=True,
        ),
        chart(
            "各接口失败 Failures by route",
            {
                "{{service}} {{route}} {{status}}": f"topk(10, sum by (service, route, status) (rate({failed}[$__rate_interval]))) or vector(0)"
            },
            "reqps",
            "Answers 5xx by route template. 503 says storage or broker is away and loses nothing; 500 is an error of ours. Worry about any that stays.",
        ),
        chart(
            "各接口 p99 Slowest routes, p99",
            {
                "{{service}} {{route}}": f"topk(10, histogram_quantile(0.99, sum by (service, route, le) (rate({bucket}[$__rate_interval]))))"
            },
            "s",
            "Time for all but one in a hundred requests; imports and tracks may take seconds. Worry when /v1/telemetry or /v1/city does.",
            worry_from=2.5,
        ),
        chart(
            "拒绝请求 Refused by code",
            {
                "{{service}} {{code}}": f"sum by (service, code) (rate(sanitation_rejected_total{{{SERVICE}}}[$__rate_interval])) or vector(0)"
            },
            "reqps",
            "Requests refused with a problem, by code. unauthenticated after a key change is usual; worry about too_busy and internal.",
            stacked=True,
        ),
    ]


def _events() -> list[Panel]:
    lag = f"rate(sanitation_event_lag_seconds_bucket{{{SERVICE}}}[$__rate_interval])"
    return [
        chart(
            "各跳延迟 p95 Lag by hop, p95",
            {"{{type}} → {{service}}": f"histogram_quantile(0.95, sum by (service, type, le) ({lag}))"},
            "s",
            "From an event stored by its publisher to its effect committed at the consumer. Under a second is usual; worry above 30 s (alert EventsLate).",
            worry_from=30,
        ),
        chart(
            "待发消息 Unsent events",
            {"{{service}}": f"max by (service) (sanitation_outbox_unsent{{{SERVICE}}})"},
            "short",
            "Events in the outbox that the bus has not confirmed. A sawtooth near nothing is usual; worry when it climbs: at SANITATION_OUTBOX_ROOM (100,000) ingest answers 503.",
            worry_from=50_000,
        ),
        chart(
            "已发消息 Events sent",
            {"{{type}}": f"sum by (type) (rate(sanitation_outbox_sent_total{{{SERVICE}}}[$__rate_interval]))"},
            "cps",
            "Events the bus confirmed a second, by type. Worry when one stops while its service works.",
            stacked=True,
        ),
        chart(
            "已处理消息 Events taken",
            {
                "{{service}} {{type}}": f"sum by (service, type) (rate(sanitation_events_taken_total{{{SERVICE}}}[$__rate_interval]))"
            },
            "cps",
            "Events handled a second by consumer. Should follow what is sent; worry when it stays below for long.",
        ),
        chart(
            "重复投递 Delivered again",
            {"{{service}}": f"sum by (service) (rate(sanitation_inbox_duplicates_total{{{SERVICE}}}[$__rate_interval]))"},
            "cps",
            "Events the inbox had seen before: harmless. Worry when it stays: a consumer dies before it acknowledges.",
        ),
        chart(
            "待处理死信 Dead letters waiting",
            {"{{service}}": f"max by (service) (sanitation_dead_letters_waiting{{{SERVICE}}})"},
            "short",
            "Waiting to be looked at: `sanitation deadletters list`. Worry from the first.",
            worry_from=1,
        ),
    ]


def _processes() -> list[Panel]:
    return [
        chart(
            "处理器 CPU",
            {"{{service}} {{instance}}": f'rate(process_cpu_seconds_total{{job="sanitation",{SERVICE}}}[$__rate_interval])'},
            "percentunit",
            "Of one core; a process uses hardly more than one. Worry when it stays above 80 %: add a replica.",
            worry_from=0.8,
            width=8,
        ),
        chart(
            "内存 Memory",
            {"{{service}} {{instance}}": f'process_resident_memory_bytes{{job="sanitation",{SERVICE}}}'},
            "bytes",
            "Resident memory. Worry when it climbs for days, or comes near the limit of its container.",
            width=8,
        ),
        chart(
            "文件句柄 File descriptors",
            {
                "{{service}} {{instance}}": f'process_open_fds{{job="sanitation",{SERVICE}}} / process_max_fds{{job="sanitation",{SERVICE}}}'
            },
            "percentunit",
            "Connections of trucks and consoles live here. Worry above 80 %.",
            worry_from=0.8,
            width=8,
        ),
    ]
