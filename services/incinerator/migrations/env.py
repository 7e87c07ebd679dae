# A table is known once its module is imported.
from services.incinerator.tables import emissions, intake, plants  # noqa: F401
from services.incinerator.tables.base import IncineratorTable
from shared.migrations import run

run(IncineratorTable.metadata)
