"""What the plants publish again for a consumer that has lost its own copy."""

from services.incinerator.store.exceedances import EXCEEDANCE
from services.incinerator.store.intake import LEDGER, TICKET
from shared.events.incinerator import ExceedanceChanged, IntakeChanged, LedgerChanged
from shared.snapshots import of_rows

SNAPSHOTS = (of_rows(IntakeChanged, TICKET), of_rows(LedgerChanged, LEDGER), of_rows(ExceedanceChanged, EXCEEDANCE))
