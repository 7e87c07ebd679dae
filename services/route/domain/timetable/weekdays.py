"""Weekdays as people write them: 一,三,五 · 周一至周五 · 每日 · 135 · Mon/Wed/Fri · Mon-Fri. ISO numbers, Monday is 1."""

import re
import unicodedata

EVERY_DAY = frozenset(range(1, 8))
_PHRASES = {
    **dict.fromkeys(("每日", "每天", "天天", "daily", "everyday", "every day", "all"), EVERY_DAY),
    **dict.fromkeys(("平日", "weekdays"), frozenset(range(1, 6))),
    **dict.fromkeys(("周末", "週末", "weekend", "weekends"), frozenset((6, 7))),
}
_OF_THE_CALENDAR = {
    **dict.fromkeys(("工作日", "working days", "workdays"), frozenset(range(1, 6))),
    **dict.fromkeys(("节假日", "節假日", "holidays"), frozenset((6, 7))),
}
"""Words that mean what the public calendar makes of a day, not only its name."""
_NAMES = (
    "1 一 monday mon mo",
    "2 二 tuesday tues tue tu",
    "3 三 wednesday wed we",
    "4 四 thursday thurs thur thu th",
    "5 五 friday fri fr",
    "6 六 saturday sat sa",
    "7 日 天 sunday sun su",
)
_NUMBERS = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}
_DAY = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_TOKEN = re.compile(
    r"\s*(?P<range>-|–|—|~|至|到|through|to)\s*"
    r"|(?P<gap>[,、;/|+&·.\s和及与]+|and)"
    rf"|(?:每?(?:周|週|星期|礼拜|禮拜)\s*)?(?P<day>{_DAY})"
)


def weekdays_of(text: str) -> frozenset[int]:
    """Raises ValueError for text that is not weekdays from beginning to end."""
    plain = _plain(text)
    phrase = (_PHRASES | _OF_THE_CALENDAR).get(plain)
    if phrase is not None:
        return phrase
    days: list[int] = []
    range_open = False
    position = 0
    while position < len(plain):
        token = _TOKEN.match(plain, position)
        if token is None or (token.group("range") and (range_open or not days)):
            raise ValueError(f"{text!r} is not a list of weekdays")
        if token.group("day"):
            day = _NUMBERS[token.group("day")]
            days += _from_to(days[-1], day) if range_open else [day]
        range_open = bool(token.group("range"))
        position = token.end()
    if range_open or not days:
        raise ValueError(f"{text!r} is not a list of weekdays")
    return frozenset(days)


def follows_calendar(text: str) -> bool:
    """Whether the words mean working days or holidays rather than days of the week."""
    return _plain(text) in _OF_THE_CALENDAR


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip().strip("\"'[]()")


def _from_to(first: int, last: int) -> list[int]:
    """五 to 一 goes through the week's end."""
    length = (last - first) % 7
    return [(first - 1 + step) % 7 + 1 for step in range(length + 1)]
