"""Events that wait for their subject or to be tried again; events that are meant for one service only."""

from shared.migrations import add_outbox_queue, create_parked_events

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_parked_events()
    add_outbox_queue()
