"""What the evaluation service stores. Points are whole ten-thousandths, of deductions hundredths; money is fen."""

from services.evaluation.tables.base import EvaluationTable, row_of
from services.evaluation.tables.cards import CardComplaint, CardStop
from services.evaluation.tables.contracts import Contract, ContractFact, Deduction, DeductionEvent, Statement, Truck
from services.evaluation.tables.evaluators import Evaluator, ReadCount
from services.evaluation.tables.index import Area, Counter, IndexAppeal, KindSum, Observation, Publication, PublishedRow
from services.evaluation.tables.inspections import Finding, FindingPhoto, Inspection, Place, Plan, PlanItem
from services.evaluation.tables.ratings import ReferenceRating

__all__ = [
    "Area",
    "CardComplaint",
    "CardStop",
    "Contract",
    "ContractFact",
    "Counter",
    "Deduction",
    "DeductionEvent",
    "EvaluationTable",
    "Evaluator",
    "Finding",
    "FindingPhoto",
    "IndexAppeal",
    "Inspection",
    "KindSum",
    "Observation",
    "Place",
    "Plan",
    "PlanItem",
    "Publication",
    "PublishedRow",
    "ReadCount",
    "ReferenceRating",
    "Statement",
    "Truck",
    "row_of",
]
