"""Which event changes what in the incinerator service."""

from shared.consumers import Consumers


def make_consumers() -> Consumers:
    return Consumers("incinerator")
