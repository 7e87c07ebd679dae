# A table is known once its module is imported.
from services.route.tables import facts, runs, sections, timetable  # noqa: F401
from services.route.tables.base import RouteTable
from shared.migrations import run

run(RouteTable.metadata)
