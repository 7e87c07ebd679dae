"""Fields that several bodies of complaints share."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from services.complaint.domain.intake import cleaned_text
from shared.bodies import Note

MOST_CHARACTERS = 4000
Text = Annotated[str, StringConstraints(max_length=MOST_CHARACTERS), AfterValidator(cleaned_text)]
Said = Annotated[str, StringConstraints(min_length=1, max_length=MOST_CHARACTERS), AfterValidator(cleaned_text)]
Why = Annotated[Note, Field(min_length=1)]
Urgency = Literal["general", "emergency", "complex"]
District = Annotated[str, StringConstraints(pattern=r"^\d{6}(\d{3})?$")]
