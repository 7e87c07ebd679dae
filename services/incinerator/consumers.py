"""Which event changes what in the incinerator service."""

from services.incinerator.service import intake
from shared.consumers import Consumers
from shared.events.transfer_station import HaulChanged


def make_consumers() -> Consumers:
    consumers = Consumers("incinerator")
    consumers.on_many(HaulChanged)(intake.save_hauls)
    return consumers
