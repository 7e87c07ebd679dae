"""Which column of a file holds which field of a stop."""

from collections.abc import Collection, Mapping

REQUIRED = ("route_id", "name", "time", "lon", "lat", "weekdays")
OPTIONAL = (
    "route_name",
    "district_id",
    "seq",
    "stop_id",
    "window_start",
    "window_end",
    "stream",
    "expected_kg",
    "kind",
    "vehicle_id",
    "calendar",
    "valid_from",
    "valid_to",
    "mode",
    "section_id",
    "task",
)
TARGETS = (*REQUIRED, *OPTIONAL)
OF_THE_SECTION = ("name", "lon", "lat")
"""A line that names a road section need not say where that is."""


class BadMapping(ValueError):
    """The mapping does not fit the file; `problems` has one sentence for each reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def resolved(mapping: Mapping[str, str], columns: Collection[str], defaulted: Collection[str]) -> dict[str, str]:
    """Target -> column for every target the file has. Raises BadMapping."""
    asked = {target: column.strip() for target, column in mapping.items() if column and column.strip()}
    problems = [f"unknown field {name!r}" for name in [*asked, *defaulted] if name not in TARGETS]
    problems += [
        f"{target}: the file has no column {column!r} (it has: {', '.join(columns)})"
        for target, column in asked.items()
        if columns and column not in columns
    ]
    columns_of = {target: asked.get(target, target) for target in TARGETS if target in asked or target in columns}
    if columns:
        problems += [
            f"{target}: no column is mapped to it, and there is no default"
            for target in REQUIRED
            if target not in {*columns_of, *defaulted, *(OF_THE_SECTION if "section_id" in {*columns_of, *defaulted} else ())}
        ]
    if problems:
        raise BadMapping(problems)
    return columns_of
