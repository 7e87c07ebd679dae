"""HJ 212-2017 as a data logger speaks it: frames out, 9014 in. Written from the standard, apart from the suite's own reader."""

import re

ANSWER_WANTED_2017 = 5
"""Flag: version 2017 (4) and an answer is wanted (1)."""
FRAME_HEAD = re.compile(rb"##([0-9]{4})")
ANSWERED = re.compile(rb"QN=([0-9]{17});.*CN=9014;")


def crc(data: bytes) -> int:
    """Annex A: each byte meets the high half of the register, moved down; polynomial A001."""
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ byte
        for _ in range(8):
            register = (register >> 1) ^ 0xA001 if register & 1 else register >> 1
    return register


def frame(*, qn: str, cn: str, mn: str, password: str, content: str) -> bytes:
    """`qn`: 17 digits, the moment of sending to the millisecond; `cn`: 2051 minutes, 2061 hours, 2111 furnace; `content`: CP."""
    text = f"QN={qn};ST=31;CN={cn};PW={password};MN={mn};Flag={ANSWER_WANTED_2017};CP=&&{content}&&"
    data = text.encode()
    return b"##%04d%s%04X\r\n" % (len(data), data, crc(data))


def answered_qns(received: bytes) -> list[str]:
    """The QNs that whole and undamaged 9014 frames in `received` answer."""
    qns = []
    for head in FRAME_HEAD.finditer(received):
        data = received[head.end() : head.end() + int(head[1])]
        end = b"%04X\r\n" % crc(data)
        answered = ANSWERED.match(data)
        if answered and received.startswith(end, head.end() + len(data)):
            qns.append(answered[1].decode())
    return qns
