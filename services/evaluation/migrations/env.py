from services.evaluation.tables import EvaluationTable
from shared.migrations import run

run(EvaluationTable.metadata)
