"""One row of a timetable file, read by our own names of its fields."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from shared.tables_in.cells import BadCell, clean_text, shown, text_of
from shared.tables_in.table import Table

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileColumns:
    """`names`: our field -> the file's column; `defaults`: our field -> what stands where the file has nothing."""

    names: Mapping[str, str]
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def has(self, target: str) -> bool:
        return target in self.names or target in self.defaults

    def cells(self, table: Table, target: str) -> Iterator[Any]:
        """All that stands for this field."""
        if target in self.names:
            yield from table.column(self.names[target])
        yield self.defaults.get(target)


class BadField(Exception):
    """A bad cell and the fields it is about."""

    def __init__(self, error: BadCell, *targets: str) -> None:
        self.error, self.targets = error, targets


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """`number`: 1-based, the header not counted."""

    number: int
    cells: Mapping[str, Any]
    columns: FileColumns

    @property
    def is_empty(self) -> bool:
        return not any(text_of(value) for value in self.cells.values())

    def cell(self, target: str) -> Any:
        """The file's cell, or the default where that is empty."""
        names = self.columns.names
        cell = self.cells.get(names[target]) if target in names else None
        return cell if text_of(cell) else self.columns.defaults.get(target)

    def raw(self, target: str) -> str:
        return text_of(self.cell(target))

    def shown(self, *targets: str) -> dict[str, str]:
        """Those fields' cells under the file's own column names."""
        named = [self.columns.names[target] for target in targets if target in self.columns.names]
        return {column: shown(self.cells[column]) for column in named if column in self.cells}

    def read(self, target: str, parse: Callable[[str], T]) -> T:
        """Raises BadField, also where nothing stands."""
        text = self.raw(target)
        try:
            if not text:
                raise BadCell("missing_value", "is empty")
            return parse(text)
        except BadCell as error:
            raise BadField(error, target) from error

    def read_if_any(self, target: str, parse: Callable[[str], T]) -> T | None:
        return self.read(target, parse) if self.raw(target) else None

    def text(self, target: str, max_length: int, required: bool = False) -> str:
        if not required and not self.raw(target):
            return ""
        return self.read(target, lambda text: clean_text(text, max_length))
