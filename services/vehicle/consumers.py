"""Which event changes what in the vehicle service."""

from services.vehicle.service import orders
from shared.consumers import Consumers
from shared.events.route import OrderChanged


def make_consumers() -> Consumers:
    consumers = Consumers("vehicle")
    consumers.on_many(OrderChanged)(orders.save_orders)
    return consumers
