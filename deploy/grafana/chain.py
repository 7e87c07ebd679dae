"""The weighed chain: from bin to furnace, what is missing between two weighings, and the stations on the way."""

from grafana_foundation_sdk.builders import dashboard as build

from deploy.grafana.panels import BLUE, GREEN, RED, YELLOW, Panel, board, chart, figure, fill, ranking

FLOWS = "max by (stage, stream) (sanitation_city_flow_grams)"
ON_BOARD = "max by (carrier, stream) (sanitation_city_on_board_grams)"
RESIDUE = "max by (between, name) (sanitation_city_residue_grams)"
FINDINGS = "max by (kind) (sanitation_city_findings_open)"
STORED = "max by (station, stream) (sanitation_station_stored_grams)"
CAPACITY = "max by (station, stream) (sanitation_station_capacity_grams)"
QUEUE = "max by (station) (sanitation_station_queue)"
FULL = f"{STORED} / ({CAPACITY} > 0)"


def of(source: str, stage: str) -> str:
    """The flow of some stages."""
    return source.replace("_grams", f'_grams{{stage=~"{stage}"}}', 1)


def dashboard() -> build.Dashboard:
    made = board(
        "chain",
        "环卫称重链 Sanitation: Weighed chain",
        "From bin to furnace every kilogram is weighed by several hands: what flowed today, what is missing under which name, how full the stations are.",
    )
    return fill(
        made, _headline(), {"物流 Flows": _flows(), "差额 Differences": _differences(), "转运站 Transfer stations": _stations()}
    )


def _headline() -> list[Panel]:
    return [
        figure(
            "今日收运 Lifted today",
            f"sum({of(FLOWS, 'lifted')}) or vector(0)",
            "massg",
            "What bins weighed when trucks lifted them, whole city. Worry when it stays flat while trucks drive.",
            [(None, BLUE)],
            1,
        ),
        figure(
            "今日过磅 Tipped today",
            f"sum({of(FLOWS, 'tipped')}) or vector(0)",
            "massg",
            "Net weight of trucks at weighbridges. It follows what was lifted by hours; worry when it does not follow.",
            [(None, BLUE)],
            1,
        ),
        figure(
            "在车 On board",
            f"sum({ON_BOARD}) or vector(0)",
            "massg",
            "Weighed once and not yet again: on trucks by their own scales, on hauls by the stations'. Worry when it does not fall by night.",
            [(None, BLUE)],
            1,
        ),
        figure(
            "未说明差额 Unexplained",
            'sum(abs(max by (between, name) (sanitation_city_residue_grams{name="unexplained"}))) or vector(0)',
            "massg",
            "Difference beyond the tolerance that nobody has explained. Worry when it is more than a truckload: see the findings.",
            [(None, GREEN), (1e6, YELLOW), (5e6, RED)],
            1,
        ),
        figure(
            "待处理差异 Open findings",
            f"sum({FINDINGS})",
            "short",
            "Discrepancies that wait for a person to say why. Worry when they pile up for days: nobody looks at them.",
            [(None, GREEN), (10, YELLOW), (50, RED)],
        ),
        figure(
            "最满库位 Fullest store",
            f"max({FULL})",
            "percentunit",
            "The fullest store of any station and stream, by its capacity. Worry above 85 %: trucks will be turned away (alert StationNearlyFull).",
            [(None, GREEN), (0.7, YELLOW), (0.85, RED)],
        ),
    ]


def _flows() -> list[Panel]:
    return [
        chart(
            "各环节重量 Weight by stage",
            {"{{stage}}": f"sum by (stage) ({of(FLOWS, 'lifted|unloaded|tipped|hauled|received|fed')})"},
            "massg",
            "Today, whole city. Each stage follows the one before it by hours; worry when two that belong together part: unloaded and tipped, hauled and received.",
        ),
        chart(
            "在车重量 On board",
            {"{{carrier}} {{stream}}": ON_BOARD},
            "massg",
            "What trucks and hauls carry now. Worry when a stream only rises: its trucks do not tip where there is a weighbridge.",
            stacked=True,
        ),
        chart(
            "过磅量 Tipped by stream",
            {"{{stream}}": f"sum by (stream) ({of(FLOWS, 'tipped')})"},
            "massg",
            "Net weight at weighbridges since midnight, by stream. Worry when a stream that is collected today stays at nothing.",
            stacked=True,
        ),
        chart(
            "产出 Out of the furnaces",
            {"{{stage}}": f"sum by (stage) ({of(FLOWS, 'slag|fly_ash|leachate')})"},
            "massg",
            "Slag, fly ash and leachate as the plants' ledgers tell them. Worry when a plant burns and none of it leaves.",
            stacked=True,
        ),
    ]


def _differences() -> list[Panel]:
    return [
        chart(
            "差额 Residue by name",
            {"{{between}} {{name}}": f"abs({RESIDUE})"},
            "massg",
            "The size of today's differences between two weighings, by why. Within tolerance is usual; worry when unexplained or scale_drift grows.",
        ),
        ranking(
            "待处理差异 Findings by kind",
            FINDINGS,
            "{{kind}}",
            "short",
            "Open discrepancies. Worry about haul_overdue first: a sealed container is somewhere it should not be (alert HaulOverdue).",
            [(None, GREEN), (1, YELLOW), (10, RED)],
        ),
        chart(
            "待算 Waiting to be worked out",
            {"待算 waiting": "max(sanitation_balance_waiting)"},
            "short",
            "Trucks, hauls and station-days whose weighings changed. It falls to nothing within seconds; worry when it stays (alerts BalanceStuck, BalanceBehind).",
        ),
        chart(
            "核算速率 Worked out",
            {"核算 worked": "sum(rate(sanitation_balance_worked_total[$__rate_interval]))"},
            "cps",
            "How many of them the balance works out a second. Worry when some wait and this stays at nothing.",
        ),
    ]


def _stations() -> list[Panel]:
    return [
        chart(
            "库存 Stock",
            {"{{station}} {{stream}}": STORED},
            "massg",
            "What lies at each station. Worry when it only rises through the day: hauls do not leave.",
            stacked=True,
        ),
        ranking(
            "库满程度 How full",
            f"topk(15, {FULL})",
            "{{station}} {{stream}}",
            "percentunit",
            "Stock by capacity. Worry above 85 %: order hauls, or send trucks elsewhere before they are turned away.",
            [(None, GREEN), (0.7, YELLOW), (0.85, RED)],
        ),
        chart(
            "排队 Queue",
            {"{{station}}": QUEUE},
            "short",
            "Trucks at a gate without a ticket. Worry above eight: bays are blocked or the weighbridge is slow.",
            worry_from=8,
        ),
        chart(
            "周转时间 Turn-round",
            {
                "{{station}} 中位 median": "max by (station) (sanitation_station_turn_round_median_seconds)",
                "{{station}} p90": "max by (station) (sanitation_station_turn_round_p90_seconds)",
            },
            "s",
            "From arrival to weigh-out, trucks of today. Worry when it doubles against the same hour of other days.",
        ),
    ]
