"""The furnaces: pollutants against their limits (GB 18485), 850 °C, and whether the plants' loggers speak."""

from grafana_foundation_sdk.builders import dashboard as build

from deploy.grafana.panels import GREEN, RED, YELLOW, Panel, board, chart, figure, fill, ranking

MEANS = 'max by (line, measured) (sanitation_emission_mean{period="%s"})'
LIMITS = 'max by (line, measured) (sanitation_emission_limit{period="%s"})'
CELSIUS = "max by (line) (sanitation_furnace_temperature_celsius)"
CELSIUS_LIMIT = "max by (line) (sanitation_furnace_temperature_limit_celsius)"
COLD = "max by (line) (sanitation_furnace_cold_means)"
COLD_ALLOWED = "max by (line) (sanitation_furnace_cold_means_allowed)"
SILENT = "time() - max by (line) (sanitation_logger_last_frame_timestamp_seconds)"
OPEN = "max by (kind) (sanitation_exceedances_open)"
OF_LIMIT = [(None, GREEN), (0.8, YELLOW), (1, RED)]


def against(period: str) -> str:
    """Means as a share of their limits."""
    return f"{MEANS % period} / ({LIMITS % period} > 0)"


def dashboard() -> build.Dashboard:
    made = board(
        "furnaces",
        "环卫焚烧炉 Sanitation: Furnaces",
        "Pollutants of every furnace line against their limits, the furnace temperature, and the data loggers. Late data and marks correct these figures.",
    )
    return fill(
        made, _headline(), {"污染物 Pollutants": _pollutants(), "炉膛温度 Furnace": _furnace(), "数采仪 Loggers": _loggers()}
    )


def _headline() -> list[Panel]:
    return [
        figure(
            "未结束超标 Open exceedances",
            f"sum({OPEN})",
            "short",
            "Exceedances no later period has ended. Worry from the first: the plant must act and report (alert ExceedanceOpen).",
            [(None, GREEN), (1, RED)],
        ),
        figure(
            "小时最高占比 Worst hour",
            f"max({against('hourly')})",
            "percentunit",
            "The newest 1-hour mean nearest to its limit, or beyond it. Worry above 80 %.",
            OF_LIMIT,
        ),
        figure(
            "当日最高占比 Worst day",
            f"max({against('daily')})",
            "percentunit",
            "The day's mean so far nearest to its limit, or beyond it. Worry above 80 %: few hours are left to mend it.",
            OF_LIMIT,
        ),
        figure(
            "最低炉温 Coldest furnace",
            f"min({CELSIUS})",
            "celsius",
            "The lowest newest 5-minute mean of lines in operation. Worry below 850 °C: dioxins are not destroyed.",
            [(None, RED), (850, YELLOW), (870, GREEN)],
        ),
        figure(
            "低温次数 Cold means today",
            f"max({COLD})",
            "short",
            "5-minute means below 850 °C of the worst line today. Worry from the third; more than five a day are a violation.",
            [(None, GREEN), (3, YELLOW), (6, RED)],
        ),
        figure(
            "最久未报 Longest silence",
            f"max({SILENT})",
            "s",
            "How long ago the logger spoke that has been silent for longest. Worry above 15 minutes (alert LoggerSilent).",
            [(None, GREEN), (300, YELLOW), (900, RED)],
        ),
    ]


def _pollutants() -> list[Panel]:
    return [
        chart(
            "小时均值占限值 Hours against limits",
            {"{{line}} {{measured}}": f"topk(20, {against('hourly')})"},
            "percentunit",
            "Newest 1-hour means as a share of their limits. Worry above 100 %.",
            worry_from=1,
        ),
        chart(
            "当日均值占限值 Day against limits",
            {"{{line}} {{measured}}": f"topk(20, {against('daily')})"},
            "percentunit",
            "Means of the day so far as a share of their limits. Worry above 100 %.",
            worry_from=1,
        ),
        ranking(
            "小时均值 Hourly means",
            f"topk(20, {MEANS % 'hourly'})",
            "{{line}} {{measured}}",
            "conmgm3",
            "Newest valid 1-hour means in mg/m³, dry, at 11 % O₂. Worry by the panel beside: limits differ by pollutant.",
            [(None, GREEN)],
        ),
        ranking(
            "限值 Hourly limits",
            f"topk(20, {LIMITS % 'hourly'})",
            "{{line}} {{measured}}",
            "conmgm3",
            "What holds today: the strictest of the national limits and the plant's own. Worry when a line has none.",
            [(None, GREEN)],
        ),
    ]


def _furnace() -> list[Panel]:
    return [
        chart(
            "炉膛温度 Furnace temperature",
            {"{{line}}": CELSIUS, "{{line}} 下限 limit": CELSIUS_LIMIT},
            "celsius",
            "Newest valid 5-minute means, and what they may be at least. Worry when a line in operation comes near its limit.",
        ),
        ranking(
            "低温次数 Cold means",
            f"topk(20, {COLD} / {COLD_ALLOWED})",
            "{{line}}",
            "percentunit",
            "Today's 5-minute means that were too cold, by how many a day may have. Worry above 50 %; above 100 % is a violation.",
            [(None, GREEN), (0.5, YELLOW), (1.01, RED)],
        ),
        chart(
            "未结束超标 Exceedances by kind",
            {"{{kind}}": OPEN},
            "short",
            "Exceedances not within the limit again, all plants. Worry from the first.",
            stacked=True,
            worry_from=1,
        ),
    ]


def _loggers() -> list[Panel]:
    return [
        chart(
            "数采仪未报时长 Silence of loggers",
            {"{{line}}": f"topk(20, {SILENT})"},
            "s",
            "Time since the newest frame of each line's logger. Worry above 15 minutes: hours become invalid for want of data.",
            worry_from=900,
        ),
        chart(
            "报文 Frames",
            {"{{fate}}": "sum by (fate) (rate(sanitation_hj212_frames_total[$__rate_interval]))"},
            "cps",
            "Frames of all loggers by what became of them. Worry when others than taken grow: a wrong password, CRC or clock, or no time.",
            stacked=True,
        ),
        chart(
            "损坏报文 Damaged frames",
            {
                "损坏 damaged": "sum(rate(sanitation_hj212_damaged_total[$__rate_interval]))",
                "非数值 values refused": "sum(rate(sanitation_hj212_values_refused_total[$__rate_interval]))",
            },
            "cps",
            "Frames cut off or with a wrong length, values that are no numbers. Worry when it keeps up: a bad line, or a logger set up wrongly.",
        ),
        chart(
            "连接 Connections",
            {
                "连接 connected": "sum(sanitation_hj212_connections)",
                "关闭 closed, {{reason}}": "sum by (reason) (increase(sanitation_hj212_closed_total[5m]))",
            },
            "short",
            "Loggers that are connected: worry when it is below the number of lines for minutes. Closed within five minutes: worry when it keeps up, somebody connects who is no logger.",
        ),
    ]
