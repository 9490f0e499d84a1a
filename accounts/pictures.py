"""Pictures of people: what somebody uploads becomes square WebP files of ours and nothing of hers.

Only Pillow's own encoder writes what is kept, so no metadata, no second meaning and no script survives. The header is
read and judged before a pixel is decoded.
"""

import threading
from io import BytesIO

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from accounts.payloads import PICTURE_SIZES
from realtime.protocol.errors import Invalid, TooLarge

BYTES_MAX = 8 * 1024 * 1024
PIXELS_MAX = 25_000_000
SIDE_MIN = 16
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
# A decoded picture takes up to 100 MB: two at a time in a process, the others wait.
_decoding = threading.BoundedSemaphore(2)


def path(name: str, size: int) -> str:
    """Where the file is in the storage."""
    return f"pictures/{name[:2]}/{name}-{size}.webp"


def squares(upload: bytes) -> dict[int, bytes]:
    """The picture's middle in each of the sizes. Raises Invalid (`picture`) or TooLarge."""
    if len(upload) > BYTES_MAX:
        raise TooLarge(_("The picture is larger than 8 MiB."))
    with _decoding:
        return _squares(upload)


def _squares(upload: bytes) -> dict[int, bytes]:
    try:
        image: Image.Image = Image.open(BytesIO(upload), formats=_FORMATS)
        width, height = image.size
        if width * height > PIXELS_MAX:
            raise _refused(_("A picture has at most 25 million pixels."))
        if min(width, height) < SIDE_MIN:
            raise _refused(_("A picture is at least 16 pixels wide and high."))
        largest = max(PICTURE_SIZES)
        # JPEG can be decoded at a fraction of its size.
        image.draft("RGB", (largest * 2, largest * 2))
        image = ImageOps.exif_transpose(image).convert("RGBA" if _transparent(image) else "RGB")
        square = ImageOps.fit(image, (largest, largest), Image.Resampling.LANCZOS)
        return {size: _webp(square, size) for size in PICTURE_SIZES}
    except Invalid:
        raise
    except Image.DecompressionBombError:
        raise _refused(_("A picture has at most 25 million pixels.")) from None
    # Whatever Pillow finds wrong with a file, and it finds it in many ways, the file is what is wrong.
    except Exception:
        raise _refused(_("This is not a picture in PNG, JPEG, WebP or GIF.")) from None


def _transparent(image: Image.Image) -> bool:
    return image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info


def _webp(square: Image.Image, size: int) -> bytes:
    out = BytesIO()
    square.resize((size, size), Image.Resampling.LANCZOS).save(out, "WEBP", quality=85, method=4)
    return out.getvalue()


def _refused(text: object) -> Invalid:
    return Invalid(_("The request is not valid."), fields={"picture": [text]})
