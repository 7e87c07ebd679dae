"""A photo costs little memory whatever its dimensions, and what is kept of it is ours."""

import asyncio
import io
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from shared.errors import Invalid, TooLarge
from shared.photos import cleaned

MEGABYTE = 1 << 20
MEASURE = """
import asyncio, sys
from pathlib import Path
from shared import errors, photos

def peak_kb():
    return int(next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")).split()[1])

async def all_at_once(data, count):
    return await asyncio.gather(*(photos.cleaned(data) for _ in range(count)), return_exceptions=True)

data, before = Path(sys.argv[1]).read_bytes(), peak_kb()
outcome = asyncio.run(all_at_once(data, int(sys.argv[2])))[0]
print(type(outcome).__name__, (peak_kb() - before) * 1024)
"""


def written(directory: Path, mode: str, size: tuple[int, int], kind: str, **options: object) -> Path:
    file = directory / f"picture.{kind}"
    Image.new(mode, size, 90).save(file, kind, **options)
    return file


def measured(file: Path, count: int = 1) -> tuple[str, float]:
    """What became of it, and by how many megabytes a process of its own grew."""
    command = [sys.executable, "-c", MEASURE, str(file), str(count)]
    outcome, grown = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout.split()
    return outcome, int(grown) / MEGABYTE


@pytest.mark.parametrize(
    ("mode", "size", "kind", "options"),
    [
        ("P", (7000, 7000), "png", {}),
        ("RGB", (7000, 7000), "png", {}),
        ("RGBA", (3600, 2500), "png", {}),
        ("RGB", (4000, 3000), "png", {}),
        ("RGB", (2900, 2100), "webp", {}),
        ("RGB", (7000, 7000), "webp", {}),
        ("RGB", (4032, 3024), "heif", {}),
        ("RGB", (5712, 4284), "heif", {}),
        ("RGB", (12000, 9000), "jpeg", {}),
        ("RGB", (4000, 3000), "jpeg", {"progressive": True, "subsampling": 0}),
        ("RGB", (9000, 9000), "jpeg", {"progressive": True, "subsampling": 0}),
        ("RGB", (60000, 40), "jpeg", {}),
    ],
)
def test_one_photo_takes_little_memory_whatever_its_dimensions(
    tmp_path: Path, mode: str, size: tuple[int, int], kind: str, options: dict[str, object]
) -> None:
    outcome, grown_mb = measured(written(tmp_path, mode, size, kind, **options))
    assert grown_mb < 120
    assert outcome in {"Photo", "TooLarge"}


def test_of_eight_photos_at_once_two_are_decoded_and_the_others_wait(tmp_path: Path) -> None:
    file = written(tmp_path, "RGB", (4000, 3000), "png")
    outcome, grown_mb = measured(file, count=8)
    assert outcome == "Photo"
    assert grown_mb < 2 * 120


@pytest.mark.parametrize(("kind", "size"), [("jpeg", (12000, 9000)), ("heif", (4032, 3024)), ("png", (4000, 3000))])
def test_a_large_photo_of_a_phone_is_taken_and_made_smaller(tmp_path: Path, kind: str, size: tuple[int, int]) -> None:
    photo = asyncio.run(cleaned(written(tmp_path, "RGB", size, kind).read_bytes()))
    assert 1400 <= max(photo.width_px, photo.height_px) <= 2048
    assert photo.width_px * size[1] == pytest.approx(photo.height_px * size[0], rel=0.01)
    with Image.open(io.BytesIO(photo.jpeg)) as kept:
        assert (kept.format, kept.size, dict(kept.getexif())) == ("JPEG", (photo.width_px, photo.height_px), {})


def test_a_photo_is_turned_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned by a quarter
    photo = asyncio.run(cleaned(written(tmp_path, "RGB", (3200, 2400), "jpeg", exif=exif).read_bytes()))
    assert photo.height_px > photo.width_px


def test_more_pixels_than_any_camera_are_refused_by_their_number(tmp_path: Path) -> None:
    with pytest.raises(TooLarge):
        asyncio.run(cleaned(written(tmp_path, "1", (20000, 20000), "png").read_bytes()))


@pytest.mark.parametrize("body", [b"", b"GIF89a", b"\xff\xd8\xff\xe0", b"\x00" * 5000, b"\x89PNG\r\n\x1a\n" + b"\xff" * 200])
def test_what_is_no_picture_is_named(body: bytes) -> None:
    with pytest.raises(Invalid, match="no JPEG, PNG, WebP or HEIC picture"):
        asyncio.run(cleaned(body))
