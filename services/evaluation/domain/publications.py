"""A month's index as it is worked out and published, the areas that it ranks, and appeals against a figure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Self

from services.evaluation.domain.canonical import written
from services.evaluation.domain.index import Sum
from services.evaluation.domain.refusals import Refused
from shared.assessment import AreaLevel

OPEN, ACCEPTED, REFUSED = "open", "accepted", "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A district (6 digits) or subdistrict (9)."""

    area_id: str
    level: AreaLevel
    name_zh: str
    name_en: str
    residents: int
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaFigure:
    """An area's line of a document: decimals as text. `index`: to two places, `index_4`: to four, `index_exact`: the fraction
    itself. `sums`: by kind of observation."""

    area_id: str
    name_zh: str
    name_en: str
    residents: int
    rank: int | None
    index: str | None
    index_4: str | None
    index_exact: str | None
    grade: str | None
    half_width: str | None
    progress: str | None
    progress_exact: str | None
    progress_rank: int | None
    parts: Mapping[str, str]
    operation: Mapping[str, str]
    place_types: Mapping[str, str]
    complaints_per_10k: str | None
    flags: tuple[str, ...]
    sums: Mapping[str, Sum]


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """The publication of the month before, which progress is counted from."""

    revision: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexDocument:
    """The index of a month in texts and whole numbers: enough to work it out anew. `period`: 2026-11. Revision 0: provisional.
    `corrects`: SHA-256 of the revision before, of a correction."""

    level: AreaLevel
    period: str
    revision: int
    reason: str | None
    methodology: str
    areas: tuple[AreaFigure, ...]
    previous: Previous | None
    corrects: str | None = None

    @property
    def has_an_index(self) -> bool:
        return any(figure.index for figure in self.areas)

    def content(self) -> str:
        """As canonical JSON; `corrects` only where there is one."""
        document = asdict(self)
        if self.corrects is None:
            document.pop("corrects")
        return written(document)

    def says_the_same(self, other: "IndexDocument") -> bool:
        return (self.areas, self.methodology, self.previous) == (other.areas, other.methodology, other.previous)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationHead:
    """A published index without its content, which is as long as a book. `number`: grows with every publication. `as_of_seq`:
    the change that its observations stood at."""

    level: AreaLevel
    period: date
    revision: int
    number: int
    as_of_seq: int
    sha256: str
    reason: str | None
    actor: str
    published_at: datetime
    appeal_until: datetime

    def require_appealable(self, at: datetime) -> None:
        if at > self.appeal_until:
            raise Refused("the time to appeal against this figure is over", "appeal_too_late")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication(PublicationHead):
    """Never changed. `content`: canonical JSON of an IndexDocument, whose SHA-256 is `sha256`."""

    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFigure:
    """`position`: of the area in its document, from 1; `row`: its figure there."""

    level: AreaLevel
    period: date
    revision: int
    position: int
    row: AreaFigure


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexAppeal:
    """Somebody says that an area's published figure is wrong. `status`: open, accepted, refused."""

    appeal_id: str
    level: AreaLevel
    period: date
    revision: int
    area_id: str
    reason: str
    status: str
    answer: str | None
    actor: str
    filed_at: datetime
    decided_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.status == OPEN

    def decided(self, accept: bool, answer: str, at: datetime) -> Self:
        """An accepted appeal changes no figure by itself."""
        if not self.is_open:
            raise Refused("this appeal is decided")
        return replace(self, status=ACCEPTED if accept else REFUSED, answer=answer, decided_at=at)
