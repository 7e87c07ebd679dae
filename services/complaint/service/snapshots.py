"""What the complaint service publishes again for a consumer that has lost its own copy."""

from services.complaint.domain.cases import Case
from services.complaint.service.cases import changed
from services.complaint.store.filters import CASE
from shared.events.complaint import ComplaintChanged
from shared.snapshots import of_type

SNAPSHOTS = (of_type(ComplaintChanged, CASE, Case, changed),)
