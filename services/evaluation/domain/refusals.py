"""How the rules say no."""


class Refused(Exception):
    """It does not allow that as it stands; `code` names the reason, `detail` says it to the caller."""

    def __init__(self, detail: str, code: str = "conflict") -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


class BadValue(Refused):
    """A value is wrong, however things stand."""

    def __init__(self, detail: str, code: str = "invalid") -> None:
        super().__init__(detail, code)
