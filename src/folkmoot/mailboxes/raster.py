"""Bitmaps of strangers, decoded and written anew, so that no browser is handed what a stranger wrote.

What was hidden in them (places, devices, comments, other formats behind the picture) is gone; what is no bitmap of a
listed format is refused, SVG among it.  Decoding is bounded by pixels before any is decoded.
"""

import struct
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps, ImageSequence

from folkmoot.core.errors import MalformedInput, TooLarge

FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
OCTETS_MAX: Final = 10 * 1024 * 1024  # of the file; cameras write half of it
PIXELS_MAX: Final = 25_000_000  # of one frame: 100 MB while it is decoded
FRAMES_MAX: Final = 200  # of a moving picture, and together no more pixels than one frame may have, twice
SIDE_MAX: Final = 2560  # pixels of the longer side of what is written: a large screen
_QUALITY: Final = 85
_FRAME_PAUSE_MIN: Final = 20  # milliseconds
# What Pillow raises about files that are not as they should be.
_BROKEN: Final = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    TypeError,
    IndexError,
    KeyError,
    ArithmeticError,
    struct.error,
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A bitmap that we wrote."""

    content_type: str
    octets: bytes


def rewrite(octets: bytes) -> Picture:
    """Decode a bitmap and write it anew: JPEG stays JPEG, a moving GIF stays one, all others become PNG.

    Takes some hundred milliseconds for a large one: callers run it in a thread, few at a time.

    Raises:
        TooLarge: more octets or pixels than are decoded.
        MalformedInput: no bitmap, or a damaged one.
    """
    if len(octets) > OCTETS_MAX:
        raise TooLarge("the picture is too large")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about damage, of which nobody here learns anything
            with Image.open(BytesIO(octets), formats=FORMATS) as image:
                if image.width * image.height > PIXELS_MAX:
                    raise TooLarge("the picture has too many pixels")
                return _rewritten(image)
    except (*_BROKEN, Image.DecompressionBombError) as error:
        raise MalformedInput("this is no picture that can be shown") from error


def _rewritten(image: Image.Image) -> Picture:
    frames = int(getattr(image, "n_frames", 1))
    if image.format == "GIF" and 1 < frames <= FRAMES_MAX and frames * image.width * image.height <= 2 * PIXELS_MAX:
        return _moving(image)
    image.seek(0)
    jpeg = image.format == "JPEG"
    still = ImageOps.exif_transpose(image) if jpeg else image
    still = still.convert("RGB" if jpeg or not _is_transparent(still) else "RGBA")
    still.thumbnail((SIDE_MAX, SIDE_MAX))
    still.info = {}  # whatever was said about it
    written = BytesIO()
    if jpeg:
        still.save(written, "JPEG", quality=_QUALITY)
        return Picture("image/jpeg", written.getvalue())
    still.save(written, "PNG", compress_level=3)
    return Picture("image/png", written.getvalue())


def _moving(image: Image.Image) -> Picture:
    pictures, pauses = [], []
    for frame in ImageSequence.Iterator(image):
        pauses.append(max(int(frame.info.get("duration", 100)), _FRAME_PAUSE_MIN))
        whole = frame.convert("RGBA")
        whole.thumbnail((SIDE_MAX, SIDE_MAX))
        whole.info = {}
        pictures.append(whole)
    written = BytesIO()
    pictures[0].save(
        written, "GIF", save_all=True, append_images=pictures[1:], duration=pauses, loop=0, disposal=2, optimize=False
    )
    return Picture("image/gif", written.getvalue())


def _is_transparent(image: Image.Image) -> bool:
    return image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
