"""How the rules say no: what the case's state does not allow, and what no state would."""


class Refused(Exception):
    """The case does not allow it as it stands; `code` names the reason, `detail` says it to the caller."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


class BadValue(Refused):
    """A value is wrong, however the case stands."""
