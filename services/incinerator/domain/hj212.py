"""HJ 212-2017 and HJ/T 212-2005: what a plant's data logger sends over TCP, as frames, messages and values.

A frame is `##`, four digits (bytes of the data segment), the data segment, four hex digits of CRC, CR LF.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

HEAD, LENGTH_DIGITS, CRC_DIGITS = b"##", 4, 4
PREFIX = len(HEAD) + LENGTH_DIGITS
CRC_TEXT = re.compile(rb"[0-9A-Fa-f]{4}")
CUT_OFF = re.compile(rb"\r\n|##[0-9]{4}")
"""Neither stands inside a data segment: where one does, the frame before it was cut off or lied about its length."""
POLYNOMIAL = 0xA001
NEEDS_ANSWER, HAS_PACKETS, VERSION_SHIFT = 1, 2, 2
TIME = "%Y%m%d%H%M%S"
TIME_TEXT = re.compile(r"([0-9]{14})([0-9]{3})?")
"""Year to second; some devices add milliseconds, as in a QN."""
NUMBER = re.compile(r"[+-]?[0-9]{1,14}(\.[0-9]+)?")
"""The standard's type N: digits, a point at most; at most 14 digits before it (the longest type is N14.2)."""
NUMERIC = frozenset(f"{prefix}{name}" for prefix in ("", "Zs") for name in ("Rtd", "Min", "Avg", "Max")) | {"Cou"}
"""Suffixes whose value is a number."""
POLLUTANT_CODE = re.compile(r"[A-Za-z0-9_]{1,20}")
MOST_ITEMS = 4000
ANSWERS = frozenset({"9011", "9012", "9013", "9014"})
"""Answers to a request, its result, to a notice and to data; none of them is answered."""
CLOCK_REQUEST = "1013"
NOTICES = frozenset({"1001", CLOCK_REQUEST, "1014", "9015"})
"""What a device tells without data: that it wants its clock set; in 2025 its serial number, that it wants a key, a heartbeat."""


class CrcVariant(StrEnum):
    """`hj212` is the standard's; some devices send CRC-16/MODBUS, one of them byte-swapped; `ignore` takes what comes."""

    HJ212 = "hj212"
    MODBUS = "modbus"
    MODBUS_SWAPPED = "modbus-swapped"
    IGNORE = "ignore"


class Unreadable(ValueError):
    """A frame whose data segment is no HJ 212 message."""


@dataclass(frozen=True, slots=True)
class Frame:
    data: bytes
    crc: str
    """As sent: four hex digits in either case."""


class Stream:
    """Frames out of a byte stream, however it was split; what lies between frames is counted and dropped.

    Holds at most one frame (10 kB) beyond what was fed.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self.garbage_bytes = 0
        self.damaged_frames = 0

    def feed(self, chunk: bytes) -> list[Frame]:
        self._held += chunk
        frames, at = [], 0
        while (found := self._next(at)) is not None:
            at, frame = found
            if frame is not None:
                frames.append(frame)
        del self._held[: self._give_up_to(at)]
        return frames

    def _next(self, at: int) -> tuple[int, Frame | None] | None:
        """Where to go on, and a frame if one ended there; None when more bytes are needed."""
        buffer = self._held
        start = buffer.find(HEAD, at)
        if start < 0 or len(buffer) < start + PREFIX:
            return None
        digits = buffer[start + len(HEAD) : start + PREFIX]
        if not digits.isdigit():
            self.garbage_bytes += start + 1 - at
            return start + 1, None
        end = start + PREFIX + int(digits) + CRC_DIGITS
        if CUT_OFF.search(buffer, start + PREFIX, end):
            return self._damaged(at, start)
        if len(buffer) < end:
            return None
        data, crc = bytes(buffer[start + PREFIX : end - CRC_DIGITS]), bytes(buffer[end - CRC_DIGITS : end])
        if not CRC_TEXT.fullmatch(crc) or not data.endswith(b"&&"):
            return self._damaged(at, start)
        self._count_garbage(at, start)
        return end, Frame(data, crc.decode())

    def _damaged(self, at: int, start: int) -> tuple[int, None]:
        """Only the head is dropped: a whole frame may begin inside what this one claimed to be."""
        self._count_garbage(at, start)
        self.damaged_frames += 1
        return start + len(HEAD), None

    def _count_garbage(self, at: int, until: int) -> None:
        self.garbage_bytes += len(bytes(self._held[at:until]).translate(None, b"\r\n"))

    def _give_up_to(self, at: int) -> int:
        """Up to here nothing can begin a frame any more."""
        start = self._held.find(HEAD, at)
        if start < 0:
            start = len(self._held) - self._held.endswith(b"#")
        start = max(start, at)
        self._count_garbage(at, start)
        return start


def _table() -> tuple[int, ...]:
    def of(byte: int) -> int:
        for _ in range(8):
            byte = (byte >> 1) ^ POLYNOMIAL if byte & 1 else byte >> 1
        return byte

    return tuple(map(of, range(256)))


_TABLE = _table()


def crc_hj212(data: bytes) -> int:
    """HJ 212-2017 annex A: the byte meets the register's high byte, moved down; so it is not CRC-16/MODBUS."""
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ byte
        register = (register >> 8) ^ _TABLE[register & 0xFF]
    return register


def crc_modbus(data: bytes) -> int:
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ _TABLE[(register ^ byte) & 0xFF]
    return register


def matching_crc(frame: Frame) -> CrcVariant | None:
    """Which variant the frame's CRC is; None: none of them."""
    sent = int(frame.crc, 16)
    if sent == crc_hj212(frame.data):
        return CrcVariant.HJ212
    modbus = crc_modbus(frame.data)
    if sent == modbus:
        return CrcVariant.MODBUS
    swapped = (modbus & 0xFF) << 8 | modbus >> 8
    return CrcVariant.MODBUS_SWAPPED if sent == swapped else None


def accepts(expected: CrcVariant, matched: CrcVariant | None) -> bool:
    return expected is CrcVariant.IGNORE or matched is expected


@dataclass(frozen=True, slots=True)
class Message:
    """A data segment. `values`: by factor code, its suffixes (Rtd, ZsAvg, Flag …); `fields`: the rest of CP."""

    qn: str
    st: str
    cn: str
    pw: str
    mn: str
    flag: int
    pnum: int
    pno: int
    encoding: str
    fields: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def wants_answer(self) -> bool:
        return bool(self.flag & NEEDS_ANSWER) and self.cn not in ANSWERS

    @property
    def time_text(self) -> str | None:
        """DataTime (the start of the period; of 2011 the moment of the sample) as sent, else BeginTime; None: neither."""
        return self.fields.get("DataTime", self.fields.get("BeginTime"))

    def data_time(self, zone: ZoneInfo) -> datetime | None:
        """`time_text` as an aware time; None where there is none or it is no time."""
        return time_of(self.time_text or "", zone)

    @property
    def refused(self) -> list[str]:
        """The values that ought to be numbers and are none, as `code-suffix=text`. An empty one is no value, and not refused."""
        return [
            f"{factor}-{suffix}={text}"
            for factor, values in self.values.items()
            for suffix, text in values.items()
            if is_refused(suffix, text)
        ]


def number(text: str) -> float | None:
    """None where it is no number by the standard's grammar (`12,5`, `1e3`, `nan`)."""
    return float(text) if NUMBER.fullmatch(text) else None


def is_refused(suffix: str, text: str) -> bool:
    return suffix in NUMERIC and bool(text) and number(text) is None


def time_of(text: str, zone: ZoneInfo) -> datetime | None:
    """Exactly 14 digits, or 17 by their first 14; None for anything else, and for what is no date or does not exist in UTC."""
    digits = TIME_TEXT.fullmatch(text)
    if digits is None:
        return None
    try:
        at = datetime.strptime(digits[1], TIME).replace(tzinfo=zone)
        at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at


def parse(data: bytes) -> Message:
    """The message in a data segment, UTF-8 or GBK; Unreadable when it is none.

    The order of keys is not relied on; real devices write a stray comma before a key and `FLAG` for `Flag`.
    What is said twice, differently, is not chosen from: a key makes the message Unreadable, a value becomes both texts.
    """
    text, encoding = _decoded(data)
    header, separator, rest = text.partition("CP=&&")
    if not separator or not rest.endswith("&&"):
        raise Unreadable("no CP=&&…&&")
    keys = _keys(header)
    mn, cn = keys.get("MN"), keys.get("CN")
    if not mn or not cn:
        raise Unreadable("MN or CN is missing")
    plain, values = _content(rest[:-2])
    flag, pnum, pno = (_count(keys.get(name, "")) for name in ("FLAG", "PNUM", "PNO"))
    return Message(
        qn=keys.get("QN", ""),
        st=keys.get("ST", ""),
        cn=cn,
        pw=keys.get("PW", ""),
        mn=mn,
        flag=flag,
        pnum=pnum,
        pno=pno,
        encoding=encoding,
        fields=plain,
        values=values,
    )


def _decoded(data: bytes) -> tuple[str, str]:
    for encoding in ("utf-8", "gbk"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            raise Unreadable("NUL in the data segment")
        return text, encoding
    raise Unreadable("neither UTF-8 nor GBK")


def _keys(header: str) -> dict[str, str]:
    keys: dict[str, str] = {}
    for item in header.split(";"):
        name, sign, value = (part.strip(" ,") for part in item.partition("="))
        if sign and keys.setdefault(name.upper(), value) != value:
            raise Unreadable(f"{name.upper()} is said twice, differently")
    return keys


def _content(text: str) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    plain: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    pairs = _pairs(text)
    if len(pairs) > MOST_ITEMS:
        raise Unreadable(f"more than {MOST_ITEMS} items")
    for name, value in pairs:
        factor, dash, suffix = name.rpartition("-")
        if dash:
            _put(values.setdefault(factor, {}), suffix, value)
        else:
            _put(plain, name, value)
    return plain, values


def _pairs(text: str) -> list[tuple[str, str]]:
    """What follows a separator without a name belongs to the value before it: `a=12,5` is `12,5`, not 12."""
    pairs: list[tuple[str, str]] = []
    parts = re.split("([;,])", text)
    for separator, item in zip(["", *parts[1::2]], parts[::2], strict=True):
        name, sign, value = (part.strip() for part in item.partition("="))
        if sign:
            pairs.append((name, value))
        elif name and pairs:
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]}{separator}{name}")
    return pairs


def _put(into: dict[str, str], name: str, value: str) -> None:
    before = into.setdefault(name, value)
    if before != value:
        into[name] = f"{before};{value}"


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LENGTH_DIGITS else 0


def encode(data: bytes, variant: CrcVariant = CrcVariant.HJ212) -> bytes:
    """The whole frame around a data segment."""
    crc = crc_hj212(data) if variant in {CrcVariant.HJ212, CrcVariant.IGNORE} else crc_modbus(data)
    if variant is CrcVariant.MODBUS_SWAPPED:
        crc = (crc & 0xFF) << 8 | crc >> 8
    return b"%s%04d%s%04X\r\n" % (HEAD, len(data), data, crc)


def segment(
    *, qn: str, cn: str, mn: str, pw: str, flag: int, st: str = "31", content: str = "", packet: tuple[int, int] | None = None
) -> str:
    """A data segment's text; `packet` is (PNUM, PNO)."""
    packets = f"PNUM={packet[0]};PNO={packet[1]};" if packet else ""
    return f"QN={qn};ST={st};CN={cn};PW={pw};MN={mn};Flag={flag};{packets}CP=&&{content}&&"


def answer(message: Message, variant: CrcVariant) -> bytes:
    """9013 to a notice, 9014 to data, with the QN that is answered, in the version of the standard that asked."""
    cn = "9013" if message.cn in NOTICES else "9014"
    text = segment(qn=message.qn, st="91", cn=cn, pw=message.pw, mn=message.mn, flag=_version(message))
    return encode(text.encode(message.encoding), variant)


def clock_setting(message: Message, variant: CrcVariant, at: datetime) -> bytes:
    """1012, what a 1013 asks for: sets the clock of the device, or of the analyser that PolId names; `at`: now, as clocks there
    show it. A request with a QN of its own, which the device answers with 9011 and 9012.
    """
    code = message.fields.get("PolId", "")
    analyser = f"PolId={code};" if POLLUTANT_CODE.fullmatch(code) else ""
    qn, content = f"{at:{TIME}}{at.microsecond // 1000:03d}", f"{analyser}SystemTime={at:{TIME}}"
    flag = _version(message) | NEEDS_ANSWER
    text = segment(qn=qn, st=message.st, cn="1012", pw=message.pw, mn=message.mn, flag=flag, content=content)
    return encode(text.encode(message.encoding), variant)


def _version(message: Message) -> int:
    return message.flag >> VERSION_SHIFT << VERSION_SHIFT
