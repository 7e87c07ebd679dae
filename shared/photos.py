"""Photos that people send: looked at, turned upright, made smaller and written anew, so that nothing of the file is kept.

Where and with what a picture was taken stands in its metadata; a file may also be no picture at all, or one that fills the
memory when it is opened.
"""

import asyncio
import hashlib
import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

from shared.errors import Invalid, TooLarge

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 50_000_000
LONGEST_SIDE_PX = 2048
QUALITY = 80


@dataclass(frozen=True, slots=True)
class Photo:
    """`jpeg` is ours; `photo_id` is a digest of it, so that the same picture is one photo however often it is sent."""

    photo_id: str
    jpeg: bytes
    width_px: int
    height_px: int


async def cleaned(data: bytes) -> Photo:
    """Invalid when this is no picture, TooLarge when it has too many pixels. In a thread: it takes tenths of a second."""
    return await asyncio.to_thread(_cleaned, data)


def _cleaned(data: bytes) -> Photo:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is asked before it is opened
            with Image.open(io.BytesIO(data), formats=FORMATS) as given:
                if given.width * given.height > MOST_PIXELS:
                    raise TooLarge(f"the picture has more than {MOST_PIXELS // 1_000_000} million pixels; send a smaller one")
                upright = ImageOps.exif_transpose(given).convert("RGB")
    except TooLarge:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise Invalid("the body is no JPEG, PNG or WebP picture; nothing was stored", code="not_a_photo") from error
    upright.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
    # Only the pixels go on: no EXIF, no comments, no profile.
    out = io.BytesIO()
    plain = Image.new("RGB", upright.size)
    plain.paste(upright)
    plain.save(out, "JPEG", quality=QUALITY)
    jpeg = out.getvalue()
    return Photo(hashlib.sha256(jpeg).hexdigest()[:32], jpeg, upright.width, upright.height)
