"""Fields that several bodies of the transfer_station service share."""

from typing import Annotated

from pydantic import Field

Kilograms = Annotated[int, Field(ge=0, le=1_000_000)]
StockKilograms = Annotated[int, Field(ge=0, le=1_000_000_000)]
