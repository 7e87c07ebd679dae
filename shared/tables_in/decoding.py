"""From bytes to text: gzip undone, whatever encoding it is in."""

import codecs
import zlib

from shared.tables_in.table import UnreadableFile

MOST_BYTES = 64 << 20
"""Of an unpacked file."""
MOST_LAYERS = 2
GZIP = b"\x1f\x8b"
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""UTF-32's little-endian mark begins with that of UTF-16, so it is looked for first."""
ENCODINGS = ("utf-8", "gb18030", "big5")
"""Without a mark, in this order: GB 18030 includes GBK and GB 2312."""
HALF = 0.4


def unpacked(content: bytes) -> bytes:
    """Without gzip around it. Never makes more than MOST_BYTES, however well it was packed."""
    for _ in range(MOST_LAYERS):
        if not content.startswith(GZIP):
            return content
        content = _gunzipped(content)
    if content.startswith(GZIP):
        raise UnreadableFile(f"the file is packed more than {MOST_LAYERS} times")
    return content


def _gunzipped(content: bytes) -> bytes:
    parts: list[bytes] = []
    room = MOST_BYTES
    while content:  # gzip files may be written one behind the other
        unzip = zlib.decompressobj(wbits=31)
        try:
            parts.append(unzip.decompress(content, room + 1))
        except zlib.error as error:
            raise UnreadableFile("the file begins like gzip but is not") from error
        room -= len(parts[-1])
        if room < 0:
            raise UnreadableFile(f"more than {MOST_BYTES >> 20} MB when unpacked: send it in parts")
        if not unzip.eof:
            raise UnreadableFile("the gzip file is cut off")
        content = unzip.unused_data.lstrip(b"\0")
    return b"".join(parts)


def decoded(content: bytes, encoding: str | None = None) -> str:
    """By its mark, else as UTF-16 if every other byte is zero, else the first of ENCODINGS that fits; `encoding` overrules.

    Raises UnreadableFile.
    """
    marked = next((name for mark, name in MARKS if content.startswith(mark)), None)
    tried = [encoding] if encoding else [marked] if marked else _unmarked(content)
    for name in tried:
        try:
            return content.decode(name).removeprefix("\ufeff")
        except (UnicodeDecodeError, LookupError):
            continue
    raise UnreadableFile(f"the text is not in {' or '.join(tried)}; say in `encoding` what it is in")


def _unmarked(content: bytes) -> list[str]:
    head = content[:2000]
    for name, zeros in (("utf-16-le", head[1::2].count(0)), ("utf-16-be", head[0::2].count(0))):
        if zeros > HALF * len(head) / 2:
            return [name]
    return list(ENCODINGS)
