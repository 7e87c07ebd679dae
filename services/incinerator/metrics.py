"""What the incinerator service measures of its loggers and of what is over a limit."""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from prometheus_client import Counter, Gauge

from services.incinerator.service.fates import Fate
from services.incinerator.service.figures import FurnaceFigures
from services.incinerator.service.ingest import Outcome
from shared.events.incinerator import ExceedanceChanged
from shared.metrics import Metrics, show_only
from shared.vocabulary import AlertStatus, ExceedanceKind


class Closed(StrEnum):
    """Why a connection was closed: its device did not say who it is in time; too many others of that kind came after it; it is
    older than the newest few of one logger."""

    UNIDENTIFIED = "unidentified"
    CROWDED_OUT = "crowded_out"
    REPLACED = "replaced"


class IncineratorMetrics(Metrics):
    def __init__(self) -> None:
        super().__init__()
        frames = Counter(
            "sanitation_hj212_frames", "Frames of data loggers, by what became of them", ["fate"], registry=self.registry
        )
        self._frames = {fate: frames.labels(fate.value) for fate in Fate}
        self.damaged = Counter("sanitation_hj212_damaged", "Frames cut off or with a wrong length", registry=self.registry)
        self._refused = Counter(
            "sanitation_hj212_values_refused", "Values of loggers that ought to be numbers and are none", registry=self.registry
        )
        closed = Counter(
            "sanitation_hj212_closed", "Connections of loggers that were closed, by why", ["reason"], registry=self.registry
        )
        self._closed = {reason: closed.labels(reason.value) for reason in Closed}
        self.connections = Gauge(
            "sanitation_hj212_connections", "Loggers that are connected to this process", registry=self.registry
        )
        self.listening = self._gauge(
            "hj212_listening", "Whether this process takes connections of loggers; -1 where none is asked for"
        )
        self.listening.set(-1)
        self._changes = Counter(
            "sanitation_exceedance_changes", "Changes of exceedances", ["kind", "status"], registry=self.registry
        )
        for kind in ExceedanceKind:
            for status in AlertStatus:
                self._changes.labels(kind.value, status.value)
        waiting = Gauge("sanitation_exceedances_open", "Exceedances not within the limit again", ["kind"], registry=self.registry)
        self._open = {kind: waiting.labels(kind.value) for kind in ExceedanceKind}
        pollutant = ("line", "measured", "period")
        self._means = self._gauge("emission_mean", "Newest mean of a pollutant, mg/m3 at 11 % oxygen", *pollutant)
        self._limits = self._gauge("emission_limit", "What it may be at most, mg/m3", *pollutant)
        self._celsius = self._gauge("furnace_temperature_celsius", "Newest 5-minute mean of the furnace", "line")
        self._celsius_limits = self._gauge("furnace_temperature_limit_celsius", "What it may be at least", "line")
        self._cold = self._gauge("furnace_cold_means", "Today's 5-minute means of the furnace below its limit", "line")
        self._cold_allowed = self._gauge("furnace_cold_means_allowed", "How many of them a day may have", "line")
        self._heard = self._gauge(
            "logger_last_frame_timestamp_seconds", "Newest frame of the line's logger that is silent for longest", "line"
        )

    def count_frames(self, fates: Iterable[Fate]) -> None:
        for fate, number in Tally(fates).items():
            self._frames[fate].inc(number)

    def count_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        """After the commit."""
        self.count_frames(outcome.fate for outcome in outcomes)
        self._refused.inc(sum(outcome.refused_values for outcome in outcomes))

    def count_closed(self, reason: Closed) -> None:
        self._closed[reason].inc()

    def count_changes(self, changed: Iterable[ExceedanceChanged]) -> None:
        for one in changed:
            self._changes.labels(one.kind.value, one.status.value).inc()

    def show_open(self, by_kind: Mapping[str, int]) -> None:
        for kind, gauge in self._open.items():
            gauge.set(by_kind.get(kind, 0))

    def show_furnaces(self, figures: FurnaceFigures) -> None:
        for gauge, values in (
            (self._means, figures.means),
            (self._limits, figures.limits),
            (self._celsius, figures.celsius),
            (self._celsius_limits, figures.celsius_limits),
            (self._cold, figures.cold_means),
            (self._cold_allowed, figures.cold_allowed),
            (self._heard, figures.heard_at),
        ):
            show_only(gauge, values)
