"""What all dashboards are made of: a board, rows, and three kinds of panel."""

import json
from collections.abc import Mapping, Sequence
from itertools import count

from grafana_foundation_sdk.builders import bargauge, common, prometheus, stat, timeseries
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as c
from grafana_foundation_sdk.models import dashboard as d

DATASOURCE = c.DataSourceRef(type_val="prometheus", uid="${datasource}")
DEFAULT_DATASOURCE = "sanitation-prometheus"
"""The uid in provisioning/datasources/prometheus.yml."""
GREEN, YELLOW, RED, BLUE = "green", "yellow", "red", "blue"
Panel = stat.Panel | timeseries.Panel | bargauge.Panel
Steps = Sequence[tuple[float | None, str]]
"""Colours from a value on; None is below all."""
LINKS = {
    "city": "城市 City",
    "fleet": "车队 Fleet",
    "chain": "称重链 Chain",
    "furnaces": "焚烧炉 Furnaces",
    "health": "系统 Health",
}


def board(name: str, title: str, description: str, variables: Sequence[build.QueryVariable] = ()) -> build.Dashboard:
    """An empty dashboard that nobody edits in the browser; it links to the others."""
    made = (
        build.Dashboard(title)
        .uid(f"sanitation-{name}")
        .description(description)
        .tags(["sanitation"])
        .readonly()
        .timezone("browser")
        .refresh("30s")
        .time("now-6h", "now")
        .tooltip(d.DashboardCursorSync.CROSSHAIR)
        .with_variable(_datasource())
        .links([_link(other) for other in LINKS if other != name])
    )
    for variable in variables:
        made = made.with_variable(variable)
    return made


def fill(made: build.Dashboard, headline: Sequence[Panel], rows: Mapping[str, Sequence[Panel]]) -> build.Dashboard:
    """The headline's figures, then the rows by title; numbered in this order, so that links to a panel stay good."""
    number = count(1)
    for panel in headline:
        made = made.with_panel(panel.id(next(number)))
    for title, panels in rows.items():
        made = made.with_row(build.Row(title).id(next(number)))
        for panel in panels:
            made = made.with_panel(panel.id(next(number)))
    return made


def label_values(name: str, label: str, metric: str) -> build.QueryVariable:
    """A choice of a label's values: one, several or all (which is the default)."""
    every = d.VariableOption(selected=True, text=["All"], value=["$__all"])
    query: dict[str, object] = {"query": f"label_values({metric}, {name})", "refId": "StandardVariableQuery"}
    return (
        build.QueryVariable(name)
        .label(label)
        .datasource(DATASOURCE)
        .query(query)
        .refresh(d.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(d.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(every)
    )


def figure(title: str, expr: str, unit: str, description: str, steps: Steps = ((None, GREEN),), decimals: int = 0) -> stat.Panel:
    """One number with its course behind it, coloured by what it means."""
    return (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .unit(unit)
        .decimals(decimals)
        .height(4)
        .span(4)
        .thresholds(_thresholds(steps))
        .color_scheme(build.FieldColor().mode(d.FieldColorModeId.THRESHOLDS))
        .color_mode(c.BigValueColorMode.VALUE)
        .graph_mode(c.BigValueGraphMode.AREA)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(_query("A", expr, ""))
    )


def chart(
    title: str,
    queries: Mapping[str, str],
    unit: str,
    description: str,
    *,
    stacked: bool = False,
    worry_from: float | None = None,
    width: int = 12,
) -> timeseries.Panel:
    """Courses over time; `queries` by legend. From `worry_from` on the ground is red."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .unit(unit)
        .min(0)
        .height(8)
        .span(width)
        .line_width(1)
        .fill_opacity(40 if stacked else 8)
        .show_points(c.VisibilityMode.NEVER)
        .stacking(common.StackingConfig().mode(c.StackingMode.NORMAL if stacked else c.StackingMode.NONE))
        .legend(
            common.VizLegendOptions().show_legend(True).display_mode(c.LegendDisplayMode.LIST).placement(c.LegendPlacement.BOTTOM)
        )
        .tooltip(common.VizTooltipOptions().mode(c.TooltipDisplayMode.MULTI).sort(c.SortOrder.DESCENDING))
    )
    if worry_from is not None:
        panel = panel.thresholds(_thresholds([(None, "transparent"), (worry_from, RED)])).thresholds_style(
            common.GraphThresholdsStyleConfig().mode(c.GraphThresholdsStyleMode.AREA)
        )
    for ref, (legend, expr) in zip("ABCDEF", queries.items(), strict=False):
        panel = panel.with_target(_query(ref, expr, legend))
    return panel


def ranking(title: str, expr: str, legend: str, unit: str, description: str, steps: Steps, width: int = 12) -> bargauge.Panel:
    """The largest first, now: which district, which kind."""
    return (
        bargauge.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .unit(unit)
        .min(0)
        .height(8)
        .span(width)
        .orientation(c.VizOrientation.HORIZONTAL)
        .display_mode(c.BarGaugeDisplayMode.BASIC)
        .thresholds(_thresholds(steps))
        .color_scheme(build.FieldColor().mode(d.FieldColorModeId.THRESHOLDS))
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(prometheus.Dataquery().ref_id("A").expr(expr).legend_format(legend).datasource(DATASOURCE).instant())
    )


def text_of(made: build.Dashboard) -> str:
    """The JSON that is committed: stable, readable, one newline at its end."""
    return json.dumps(made.build(), cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _query(ref: str, expr: str, legend: str) -> prometheus.Dataquery:
    return prometheus.Dataquery().ref_id(ref).expr(expr).legend_format(legend).datasource(DATASOURCE).range()


def _thresholds(steps: Steps) -> build.ThresholdsConfig:
    made = [d.Threshold(value=value, color=color) for value, color in steps]
    return build.ThresholdsConfig().mode(d.ThresholdsMode.ABSOLUTE).steps(made)


def _datasource() -> build.DatasourceVariable:
    chosen = d.VariableOption(selected=True, text="Prometheus", value=DEFAULT_DATASOURCE)
    return build.DatasourceVariable("datasource").label("数据源 Data source").type("prometheus").current(chosen)


def _link(name: str) -> build.DashboardLink:
    return build.DashboardLink(LINKS[name]).type(d.DashboardLinkType.LINK).url(f"/d/sanitation-{name}").keep_time(True)
