from services.complaint.tables import ComplaintTable
from shared.migrations import run

run(ComplaintTable.metadata)
