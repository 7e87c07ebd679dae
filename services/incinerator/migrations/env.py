from services.incinerator.tables import IncineratorTable
from shared.migrations import run

run(IncineratorTable.metadata)
