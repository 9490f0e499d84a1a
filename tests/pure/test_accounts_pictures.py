"""Pictures: what comes out is a square of ours, whatever went in; what is no picture is refused by name."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from accounts import pictures
from realtime.protocol.errors import Invalid, TooLarge


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 200), mode: str = "RGB", **more: Any) -> bytes:
    out = BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(out, kind, **more)
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG that claims to be huge, in a hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


MODES = {"PNG": ("RGB", "RGBA", "P", "1", "I;16", "LA"), "JPEG": ("CMYK", "L"), "WEBP": ("RGBA",), "GIF": ("P",)}


@pytest.mark.parametrize(
    ("kind", "mode"),
    [(kind, mode) for kind, modes in MODES.items() for mode in modes],
)
@pytest.mark.parametrize("size", [(300, 200), (16, 16), (40, 900), (2000, 1500)])
def test_every_picture_becomes_squares(kind: str, mode: str, size: tuple[int, int]) -> None:
    base = Image.linear_gradient("L").resize(size)
    out = BytesIO()
    (base.convert("I").convert("I;16") if mode == "I;16" else base.convert(mode)).save(out, kind)
    squares = pictures.squares(out.getvalue())
    assert set(squares) == {96, 512}
    for side, data in squares.items():
        made = Image.open(BytesIO(data))
        assert (made.format, made.size) == ("WEBP", (side, side))
    assert len(squares[96]) < 20_000


def test_nothing_of_the_file_survives_but_what_one_sees() -> None:
    exif = Image.Exif()
    exif[0x010E] = "where I live <script>"
    exif[0x0112] = 6
    upload = picture("JPEG", (40, 20), exif=exif.tobytes(), comment=b"secret") + b"PK\x03\x04<html>trailing"
    assert b"where I live" in upload
    for data in pictures.squares(upload).values():
        assert b"where I live" not in data
        assert b"secret" not in data
        assert b"<html>" not in data
        assert not Image.open(BytesIO(data)).getexif()


def test_a_picture_on_its_side_is_set_upright() -> None:
    out = BytesIO()
    sideways = Image.new("RGB", (100, 100), "white")
    sideways.paste("black", (0, 0, 50, 100))
    exif = Image.Exif()
    exif[0x0112] = 6
    sideways.save(out, "JPEG", exif=exif.tobytes())
    made = Image.open(BytesIO(pictures.squares(out.getvalue())[96])).convert("L")
    assert made.getpixel((48, 10)) < 60
    assert made.getpixel((48, 85)) > 200


def test_of_what_moves_the_first_picture_is_kept() -> None:
    out = BytesIO()
    frames = [Image.new("RGB", (64, 64), color) for color in ("red", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    made = Image.open(BytesIO(pictures.squares(out.getvalue())[96])).convert("RGB")
    assert made.getpixel((48, 48))[0] > 200
    assert getattr(made, "n_frames", 1) == 1


@pytest.mark.parametrize(
    "upload",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"<html><script>alert(1)</script>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n",
        picture()[:200],
        picture("JPEG")[:500],
        picture("BMP"),
        picture("TIFF"),
        picture("ICO"),
        picture(size=(15, 400)),
        bomb(5001, 5000),
        bomb(30_000, 30_000),
        bomb(2**31 - 1, 2**31 - 1),
        bomb(0, 0),
        bytes(range(256)) * 40,
    ],
    ids=lambda upload: repr(upload[:12]),
)
def test_what_is_no_picture_we_take_is_refused(upload: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        pictures.squares(upload)
    assert list(refused.value.fields) == ["picture"]


def test_what_is_too_large_is_not_even_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "open", lambda *args, **kwargs: pytest.fail("opened"))
    with pytest.raises(TooLarge):
        pictures.squares(b"\0" * (pictures.BYTES_MAX + 1))


def test_no_name_leads_out_of_the_folder() -> None:
    assert pictures.path("abCD-_" + "0" * 16, 96) == f"pictures/ab/abCD-_{'0' * 16}-96.webp"
