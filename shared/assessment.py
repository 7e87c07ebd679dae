"""The words of evaluation that services share, beside `shared.vocabulary`."""

from enum import StrEnum


class Severity(StrEnum):
    MINOR = "minor"
    MAJOR = "major"


class RectificationStatus(StrEnum):
    """Of what an inspection found. `mended`: somebody says so; `passed`: a re-check says so."""

    OPEN = "open"
    MENDED = "mended"
    PASSED = "passed"
    WITHDRAWN = "withdrawn"


class DeductionStatus(StrEnum):
    OPEN = "open"
    APPEALED = "appealed"
    UPHELD = "upheld"
    """Appealed in vain."""
    WITHDRAWN = "withdrawn"


class AreaLevel(StrEnum):
    DISTRICT = "district"
    SUBDISTRICT = "subdistrict"
