from collections.abc import Sequence

import pytest


@pytest.fixture
def city_services() -> Sequence[str]:
    return ["vehicle", "route"]
