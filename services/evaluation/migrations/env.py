import sqlalchemy as sa
from alembic import context

# A table is known once its module is imported.
from services.evaluation.tables import cards, contracts, evaluators, index, inspections, ratings  # noqa: F401
from services.evaluation.tables.base import EvaluationTable
from shared.migrations import run


def pass_over_what_is_there(connection: sa.Connection) -> None:
    """Databases of the first revision's last day have the second's tables already: see revision 0004."""
    tables = set(sa.inspect(connection).get_table_names())
    if "alembic_version" in tables and tables & {"card_complaint", "card_stop", "reference_rating"}:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0002' WHERE version_num = '0001'"))


pass_over_what_is_there(context.config.attributes["connection"])
run(EvaluationTable.metadata)
