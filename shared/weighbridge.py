"""A weighbridge weighs a truck twice: full, then empty. Whole kilograms.

The tickets of transfer stations and of plants are both built on a Weighing, so both refuse the same weights and times.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain_errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """`tare_kg`, `weighed_out_at` None: the empty truck was not weighed yet. `manual`: a weight was typed, not weighed."""

    gross_kg: int
    weighed_in_at: datetime
    scale_in_id: str | None = None
    tare_kg: int | None = None
    weighed_out_at: datetime | None = None
    scale_out_id: str | None = None
    manual: bool = False
    reason: str | None = None
    person: str | None = None

    @property
    def net_kg(self) -> int | None:
        return None if self.tare_kg is None else self.gross_kg - self.tare_kg

    def require_weights(self, gross_max_kg: int | None = None) -> None:
        require_weights(self.gross_kg, self.tare_kg or 0, gross_max_kg)

    def require_after(self, at: datetime) -> None:
        """Invalid when the second weighing would be before the first."""
        if at < self.weighed_in_at:
            raise Invalid("the second weighing cannot be before the first; look at `at`")

    def was_weighed_out(self, at: datetime, tare_kg: int | None) -> bool:
        """Whether this second weighing is the one that was taken; without `tare_kg` its time decides."""
        return self.weighed_out_at == at and tare_kg in (None, self.tare_kg)

    def weigh_out(
        self,
        tare_kg: int,
        at: datetime,
        *,
        scale_id: str | None = None,
        manual: bool = False,
        reason: str | None = None,
        person: str | None = None,
        gross_max_kg: int | None = None,
    ) -> "Weighing":
        """With the second weighing; `reason` and `person` of the first stay where this one has none."""
        self.require_after(at)
        both = replace(
            self,
            tare_kg=tare_kg,
            weighed_out_at=at,
            scale_out_id=scale_id,
            manual=self.manual or manual,
            reason=reason or self.reason,
            person=person or self.person,
        )
        both.require_weights(gross_max_kg)
        return both

    def correct(
        self,
        gross_kg: int | None,
        tare_kg: int | None,
        *,
        reason: str | None,
        person: str | None,
        gross_max_kg: int | None = None,
    ) -> "Weighing":
        """A weight that is left out stays; one that is given was typed."""
        corrected = replace(
            self,
            gross_kg=self.gross_kg if gross_kg is None else gross_kg,
            tare_kg=self.tare_kg if tare_kg is None else tare_kg,
            manual=self.manual or gross_kg is not None or tare_kg is not None,
            reason=reason,
            person=person,
        )
        corrected.require_weights(gross_max_kg)
        return corrected


def require_weights(gross_kg: int, tare_kg: int, gross_max_kg: int | None = None) -> None:
    if gross_max_kg is not None and gross_kg > gross_max_kg:
        raise Invalid(f"gross {gross_kg} kg is above {gross_max_kg} kg; read the scale again", code="gross_too_high")
    if gross_kg <= tare_kg:
        raise Invalid(
            f"gross {gross_kg} kg − tare {tare_kg} kg leaves nothing; weigh again, or void the ticket and begin anew",
            code="net_not_positive",
        )


def require_reason(manual: bool, **asked: str | None) -> None:
    """A weight that was typed needs all that is `asked`: `reason`, and `person` where the weighbridge asks who it was."""
    if manual and not all((text or "").strip() for text in asked.values()):
        needed = " and ".join(f"`{name}`" for name in asked)
        raise Invalid(f"a weight typed by hand needs {needed}", code="reason_needed")
