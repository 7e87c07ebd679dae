"""HJ 212-2017 and HJ/T 212-2005: what a plant's data logger sends over TCP, as frames, messages and values.

A frame is `##`, four digits (bytes of the data segment), the data segment, four hex digits of CRC, CR LF.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import count
from zoneinfo import ZoneInfo

HEAD, LENGTH_DIGITS, CRC_DIGITS = b"##", 4, 4
PREFIX = len(HEAD) + LENGTH_DIGITS
CRC_TEXT = re.compile(rb"[0-9A-Fa-f]{4}")
CUT_OFF = re.compile(rb"\r\n|##[0-9]{4}")
"""Neither stands inside a data segment: where one does, the frame before it was cut off or lied about its length."""
POLYNOMIAL = 0xA001
NEEDS_ANSWER, HAS_PACKETS, VERSION_SHIFT = 1, 2, 2
TIME = "%Y%m%d%H%M%S"
MOST_ITEMS = 4000


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
        held = self._held
        start = held.find(HEAD, at)
        if start < 0 or len(held) < start + PREFIX:
            return None
        digits = held[start + len(HEAD) : start + PREFIX]
        if not digits.isdigit():
            self.garbage_bytes += start + 1 - at
            return start + 1, None
        end = start + PREFIX + int(digits) + CRC_DIGITS
        if CUT_OFF.search(held, start + PREFIX, end):
            return self._damaged(at, start)
        if len(held) < end:
            return None
        data, crc = bytes(held[start + PREFIX : end - CRC_DIGITS]), bytes(held[end - CRC_DIGITS : end])
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
        return bool(self.flag & NEEDS_ANSWER)

    def data_time(self, zone: ZoneInfo) -> datetime | None:
        """DataTime (the start of the period; of 2011 the moment of the sample), aware; None where there is none."""
        text = self.fields.get("DataTime") or self.fields.get("BeginTime") or ""
        try:
            return datetime.strptime(text, TIME).replace(tzinfo=zone)
        except ValueError:
            return None


def parse(data: bytes) -> Message:
    """The message in a data segment, UTF-8 or GBK; Unreadable when it is none.

    The order of keys is not relied on; real devices write a stray comma before a key and `FLAG` for `Flag`.
    """
    text, encoding = _decoded(data)
    header, found, rest = text.partition("CP=&&")
    if not found or not rest.endswith("&&"):
        raise Unreadable("no CP=&&…&&")
    keys = {name.upper(): value for name, value in _pairs(header, ";")}
    if not keys.get("MN") or not keys.get("CN"):
        raise Unreadable("MN or CN is missing")
    plain, values = _content(rest[:-2])
    flag, pnum, pno = (_number(keys.get(name, "")) for name in ("FLAG", "PNUM", "PNO"))
    return Message(
        qn=keys.get("QN", ""), st=keys.get("ST", ""), cn=keys["CN"], pw=keys.get("PW", ""), mn=keys["MN"], flag=flag,
        pnum=pnum, pno=pno, encoding=encoding, fields=plain, values=values,
    )  # fmt: skip


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


def _pairs(text: str, separators: str) -> Iterator[tuple[str, str]]:
    for item in re.split(f"[{separators}]", text):
        name, sign, value = item.strip(" ,").partition("=")
        if sign:
            yield name.strip(), value.strip()


def _content(text: str) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    plain: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    for number, (name, value) in zip(count(1), _pairs(text, ";,"), strict=False):
        if number > MOST_ITEMS:
            raise Unreadable(f"more than {MOST_ITEMS} items")
        factor, dash, suffix = name.rpartition("-")
        if dash:
            values.setdefault(factor, {})[suffix] = value
        else:
            plain[name] = value
    return plain, values


def _number(text: str) -> int:
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
    """9014 with the QN that is answered, in the version of the standard that asked."""
    version = message.flag >> VERSION_SHIFT << VERSION_SHIFT
    text = segment(qn=message.qn, st="91", cn="9014", pw=message.pw, mn=message.mn, flag=version)
    return encode(text.encode(message.encoding), variant)
