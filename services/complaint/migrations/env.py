# A table is known once its module is imported.
from services.complaint.tables import calendar, cases, contacts  # noqa: F401
from services.complaint.tables.base import ComplaintTable
from shared.migrations import run

run(ComplaintTable.metadata)
