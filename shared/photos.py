"""Photos that people send: looked at, turned upright, made smaller and written anew, so that nothing of the file is kept.

Where and with what a picture was taken stands in its metadata; a file may also be no picture at all, or one that fills the
memory when it is opened. So its memory is reckoned from its first bytes before it is decoded, and few are decoded at once.
"""

import asyncio
import hashlib
import io
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from PIL import Image, ImageOps
from pillow_heif import register_heif_opener

from shared.errors import Invalid, TooLarge

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
LONGEST_SIDE_PX = 2048
SMALLEST_DECODED_PX = 1536
"""JPEG decodes to an eighth, a quarter or half of its size where the longer side stays at least this long."""
QUALITY = 80
DECODERS = 2
"""Photos decoded at once in a process; the others wait."""
MOST_MEMORY_BYTES = 100_000_000

register_heif_opener(thumbnails=False)
TOO_MANY_PIXELS = TooLarge("the picture has too many pixels; send a JPEG or one of at most 6 million pixels")
_decoders = ThreadPoolExecutor(DECODERS, thread_name_prefix="photo")


@dataclass(frozen=True, slots=True)
class Photo:
    """`jpeg` is ours; `photo_id` is a digest of it, so that the same picture is one photo however often it is sent."""

    photo_id: str
    jpeg: bytes
    width_px: int
    height_px: int


async def cleaned(data: bytes) -> Photo:
    """Invalid when this is no picture, TooLarge when it would take too much memory. In a thread: it takes tenths of a second."""
    return await asyncio.get_running_loop().run_in_executor(_decoders, _cleaned, data)


def _cleaned(data: bytes) -> Photo:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is asked before it is opened
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                upright = _small_and_upright(picture)
    except TooLarge:
        raise
    except Image.DecompressionBombError as error:
        raise TOO_MANY_PIXELS from error
    except (OSError, ValueError, SyntaxError, EOFError, RuntimeError) as error:
        raise Invalid("the body is no JPEG, PNG, WebP or HEIC picture; nothing was stored", code="not_a_photo") from error
    # Only the pixels go on: no EXIF, no comments, no profile.
    out = io.BytesIO()
    plain = Image.new("RGB", upright.size)
    plain.paste(upright.convert("RGB"))
    plain.save(out, "JPEG", quality=QUALITY)
    jpeg = out.getvalue()
    return Photo(hashlib.sha256(jpeg).hexdigest()[:32], jpeg, upright.width, upright.height)


def _small_and_upright(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    longer = max(width, height)
    picture.draft("RGB", (max(1, SMALLEST_DECODED_PX * width // longer), max(1, SMALLEST_DECODED_PX * height // longer)))
    if _memory_bytes(picture, width * height) > MOST_MEMORY_BYTES:
        raise TOO_MANY_PIXELS
    small = picture if picture.mode in {"RGB", "L"} else picture.convert("RGB")
    small.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
    return ImageOps.exif_transpose(small)


def _memory_bytes(picture: Image.Image, pixels: int) -> int:
    """What decoding takes at its peak; bytes for each pixel as measured with Pillow 13 and libheif 1.20."""
    if picture.format == "JPEG":
        progressive = 6 * pixels if picture.info.get("progressive") else 0  # all coefficients of the whole picture
        return 4 * picture.width * picture.height + progressive
    if picture.format == "PNG":
        return pixels * (7 if picture.mode in {"RGB", "L"} else 11)
    return pixels * (16 if picture.format == "WEBP" else 8)
