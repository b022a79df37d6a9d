"""Every kind of picture an artist may have comes in upright and right in colour, and goes out whole with its record."""

import io
import os
import struct
import warnings
import zlib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from bottega.errors import DataError, UnreadableWork, UsageError
from bottega.media import image

CORNERS = [(220, 40, 30), (30, 160, 60), (40, 60, 200), (240, 210, 60)]


def four_fields(height: int = 48, width: int = 64) -> np.ndarray:
    """A picture whose corners tell whether it was turned, mirrored or its colours swapped."""
    picture = np.zeros((height, width, 3), np.uint8)
    h, w = height // 2, width // 2
    for (rows, columns), colour in zip(
        [(slice(0, h), slice(0, w)), (slice(0, h), slice(w, None)), (slice(h, None), slice(0, w)),
         (slice(h, None), slice(w, None))],
        CORNERS,
        strict=True,
    ):  # fmt: skip
        picture[rows, columns] = colour
    return picture


def centres(pixels: np.ndarray) -> np.ndarray:
    """The colours in the middle of the four fields."""
    h, w = pixels.shape[0] // 4, pixels.shape[1] // 4
    return pixels[[h, h, 3 * h, 3 * h], [w, 3 * w, w, 3 * w]].astype(int)


def saved(picture: Image.Image, kind: str, **options) -> io.BytesIO:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    file.seek(0)
    return file


def png(width: int, height: int, depth: int, colour_type: int, data: bytes, *chunks: tuple[bytes, bytes]) -> io.BytesIO:
    """A PNG written by hand, for what Pillow does not write."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    body = b"".join(
        chunk(*each) for each in [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(data)), (b"IEND", b"")]
    )
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + body)


@pytest.mark.parametrize("kind", image.FORMATS)
def test_every_format(kind):
    pixels = image.read(saved(Image.fromarray(four_fields()), kind))
    assert pixels.shape == (48, 64, 3) and pixels.dtype == np.uint8
    assert np.abs(centres(pixels) - CORNERS).max() <= 12


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation(kind, orientation):
    upright = Image.fromarray(four_fields())
    undo = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}  # the turn that the camera made
    turn = undo.get(orientation, image.TURNS.get(orientation))
    turned = upright if turn is None else upright.transpose(turn)
    exif = Image.Exif()
    exif[image.ORIENTATION_TAG] = orientation
    pixels = image.read(saved(turned, kind, exif=exif))
    assert pixels.shape == (48, 64, 3)
    assert np.abs(centres(pixels) - CORNERS).max() <= 12


def test_modes_of_grey():
    ramp = np.linspace(0, 255, 40 * 30).reshape(30, 40)
    eight = Image.fromarray(ramp.astype(np.uint8))
    deep = Image.fromarray((ramp * 257).astype(np.uint16))
    floats = Image.fromarray((ramp / 255).astype(np.float32))
    for file in (saved(eight, "PNG"), saved(deep, "PNG"), saved(deep, "TIFF"), saved(floats, "TIFF")):
        pixels = image.read(file)
        assert pixels.shape == (30, 40, 3)
        assert np.abs(pixels - ramp[..., None]).max() <= 1
    one_bit = image.read(saved(eight.convert("1"), "PNG"))
    assert set(np.unique(one_bit)) == {0, 255}
    whole = image.read(saved(Image.fromarray((ramp * 1000 - 5000).astype(np.int32)), "TIFF"))
    assert whole.min() == 0 and whole.max() == 255


def test_16_bit_colour():
    deep = np.zeros((4, 5, 3), ">u2")
    deep[..., 0], deep[..., 2] = 65535, 32896
    rows = b"".join(b"\0" + row.tobytes() for row in deep)
    assert np.abs(image.read(png(5, 4, 16, 2, rows)).astype(int) - [255, 0, 128]).max() <= 1


def test_transparent_grey_of_16_bits():
    data = b"".join(b"\0" + struct.pack(">4H", 0, 65535, 1000, 40000) for _ in range(3))
    file = png(4, 3, 16, 0, data, (b"tRNS", struct.pack(">H", 1000)))
    assert image.read(file, alpha=True)[0, :, 3].tolist() == [255, 255, 0, 255]


def test_cmyk():
    for kind in ("JPEG", "TIFF"):
        pixels = image.read(saved(Image.fromarray(four_fields()).convert("CMYK"), kind))
        assert np.abs(centres(pixels) - CORNERS).max() <= 25


def with_hole() -> Image.Image:
    pixels = np.dstack([four_fields(), np.full((48, 64), 255, np.uint8)])
    pixels[10:38, 10:54] = (255, 0, 255, 0)  # an ugly colour that nobody should ever see
    return Image.fromarray(pixels)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_laid_over_white_or_kept(mode):
    picture = with_hole()
    if mode == "P":
        palette = picture.convert("RGB").quantize(8, dither=Image.Dither.NONE)
        hole = palette.getpixel((30, 20))
        file = saved(palette, "PNG", transparency=hole)
    else:
        file = saved(picture.convert(mode), "PNG")
    flat = image.read(file)
    assert flat.shape == (48, 64, 3) and (flat[20, 30] == 255).all()
    file.seek(0)
    kept = image.read(file, alpha=True)
    assert kept.shape == (48, 64, 4) and not kept[20, 30].any() and kept[2, 2, 3] == 255


def test_alpha_of_an_opaque_picture_is_full():
    assert (image.read(saved(Image.fromarray(four_fields()), "JPEG"), alpha=True)[..., 3] == 255).all()


def test_first_frame_counts():
    first, second = Image.fromarray(four_fields()), Image.new("RGB", (64, 48))
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        pixels = image.read(saved(first, kind, save_all=True, append_images=[second]))
        assert np.abs(centres(pixels) - CORNERS).max() <= 12


def test_a_large_jpeg_is_decoded_small():
    file = saved(Image.fromarray(four_fields(1200, 1600)), "JPEG")
    pixels = image.read(file, hint=(64, 64))
    assert pixels.shape[0] < 400
    assert np.abs(centres(pixels) - CORNERS).max() <= 12


def refused(source) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UnreadableWork) as caught:
            image.read(source)
    assert isinstance(caught.value, DataError)
    return str(caught.value)


def test_what_cannot_be_read_says_why(tmp_path):
    whole = saved(Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)), "JPEG").getvalue()
    assert "damaged" in refused(io.BytesIO(whole[: len(whole) // 2]))
    for kind in ("PNG", "WEBP", "TIFF", "BMP", "GIF"):
        content = saved(
            Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)), kind
        ).getvalue()
        assert refused(io.BytesIO(content[: len(content) // 2]))
    assert "not a readable" in refused(io.BytesIO(b"I am a text."))
    assert "not a readable" in refused(io.BytesIO(b""))
    assert refused(png(0, 5, 8, 2, b""))
    assert "not there" in refused(tmp_path / "nothing.png")
    assert refused(tmp_path)


def test_a_decompression_bomb_is_refused_before_it_is_decoded():
    assert "64 million" in refused(png(12_000, 12_000, 1, 0, b"\0" * 100))
    assert "64 million" in refused(png(100_000, 100_000, 1, 0, b"\0" * 100))
    assert "64 million" in refused(png(8_001, 8_000, 1, 0, b"\0" * 100))


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning")
def test_noise_never_raises_anything_else():
    """A thousand pictures with bytes changed at random: read, or refused with a reason."""
    random = np.random.default_rng(1)
    exif = Image.Exif()
    exif[image.ORIENTATION_TAG] = 6
    originals = [saved(with_hole().convert("RGB"), kind, **({"exif": exif} if kind != "BMP" and kind != "GIF" else {}))
                 for kind in image.FORMATS]  # fmt: skip
    for number in range(1200):
        content = np.frombuffer(originals[number % len(originals)].getvalue(), np.uint8).copy()
        places = random.integers(0, min(len(content), 600), random.integers(1, 12))
        content[places] = random.integers(0, 256, len(places))
        try:
            image.read(io.BytesIO(content.tobytes()), alpha=bool(number % 2), hint=(32, 32))
        except UnreadableWork as error:
            assert str(error)


def test_fit_crop_takes_the_middle():
    wide = np.zeros((40, 120, 3), np.uint8)
    wide[:, 40:80] = 200
    assert (image.fit(wide, (32, 32), "crop") > 150).mean() > 0.95
    tall = np.ascontiguousarray(wide.transpose(1, 0, 2))
    assert (image.fit(tall, (32, 32), "crop") > 150).mean() > 0.95


def test_fit_pad_shows_everything():
    wide = np.zeros((40, 120, 3), np.uint8)
    padded = image.fit(wide, (48, 48), "pad")
    assert (padded[:16] == 255).all() and (padded[16:32] == 0).all() and (padded[32:] == 255).all()
    clear = image.fit(np.full((40, 120, 4), 255, np.uint8), (48, 48), "pad")
    assert not clear[:16].any() and (clear[16:32] == 255).all()


def test_fit_stretch_changes_proportions():
    assert np.abs(centres(image.fit(four_fields(40, 160), (64, 32), "stretch")) - CORNERS).max() <= 3


@pytest.mark.parametrize("how", image.FITS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (700, 3), (17, 31), (32, 48)])
def test_fit_any_shape(how, shape):
    for channels in (3, 4):
        assert image.fit(np.full((*shape, channels), 9, np.uint8), (32, 48), how).shape == (32, 48, channels)


def test_fit_is_antialiased():
    stripes = np.zeros((256, 256, 3), np.uint8)
    stripes[:, ::2] = 255
    assert np.abs(image.fit(stripes, (32, 32), "stretch").astype(int) - 127.5).max() < 12


def test_hidden_colours_never_reach_an_edge():
    small = image.fit(image.read(saved(with_hole(), "PNG"), alpha=True), (24, 32), "stretch")
    assert (small[..., :3] <= small[..., 3:]).all()
    white = Image.new("RGBA", (64, 64), (0, 0, 0, 0))  # white disc on transparent black: the usual dark fringe
    y, x = np.mgrid[:64, :64]
    white.paste(
        (255, 255, 255, 255), mask=Image.fromarray(((x - 32) ** 2 + (y - 32) ** 2 < 400).astype(np.uint8) * 255)
    )
    disc = image.straighten_alpha(image.fit(image.read(saved(white, "PNG"), alpha=True), (16, 16), "crop"))
    assert disc[disc[..., 3] > 32][:, :3].min() >= 250


def test_fit_refuses_an_unknown_way():
    with pytest.raises(UsageError):
        image.fit(four_fields(), (32, 32), "squeeze")


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_write_and_read_back(tmp_path, channels):
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, channels), np.uint8)
    if channels == 4:
        pixels[..., :3] = pixels[..., :3] * (pixels[..., 3:] / 255)
        pixels[..., 3] = np.maximum(pixels[..., 3], 40)
    path = tmp_path / "new" / "作品.png"
    image.write(path, pixels, {"operation": "generate", "seed": 7, "标题": "海"})
    back = image.read(path, alpha=channels == 4)
    assert np.abs(back.astype(int) - pixels).max() <= (1 if channels == 4 else 0)
    assert image.read_record(path) == {"operation": "generate", "seed": 7, "标题": "海"}
    assert [file.name for file in path.parent.iterdir()] == ["作品.png"]


def test_record_lies_in_itxt(tmp_path):
    image.write(tmp_path / "a.png", four_fields(), {"seed": 1})
    assert b"iTXtbottega" in (tmp_path / "a.png").read_bytes()


@pytest.mark.parametrize("ending", [".png", ".jpg", ".webp"])
def test_other_programs_are_told_that_a_model_made_it(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    image.write(path, np.zeros((4, 4, 3), np.uint8), {"digital_source_type": "trainedAlgorithmicMedia"})
    with Image.open(path) as opened:
        packet = opened.info["xmp"]
    (about,) = ElementTree.fromstring(packet).iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description")
    source = about.findtext("{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType")
    assert source == "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    image.write(path, np.zeros((4, 4, 3), np.uint8))
    with Image.open(path) as opened:
        assert "xmp" not in opened.info  # a picture without a record makes no claims


def test_no_record(tmp_path):
    image.write(tmp_path / "a.png", four_fields())
    assert image.read_record(tmp_path / "a.png") is None
    Image.fromarray(four_fields()).save(tmp_path / "b.jpg")
    assert image.read_record(tmp_path / "b.jpg") is None
    (tmp_path / "c.png").write_text("no picture")
    for name in ("c.png", "missing.png"):
        with pytest.raises(UnreadableWork, match=name):
            image.read_record(tmp_path / name)


def test_write_where_nobody_can(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match="could not be written"):
        image.write(tmp_path / "file" / "a.png", four_fields())
    assert (tmp_path / "file").read_text() == "in the way"


def test_sheet():
    small = np.arange(5 * 8 * 10 * 3, dtype=np.uint8).reshape(5, 8, 10, 3)
    page = image.sheet(small, columns=3, scale=2, gap=1)
    assert page.shape == (2 * 17 + 1, 3 * 21 + 1, 3)
    assert (page[1:17, 1:21][::2, ::2] == small[0]).all() and (page[18:34:2, 22:42:2] == small[4]).all()
    assert (page[18:, 43:] == 255).all()
    assert image.sheet(small[:1]).shape == (76, 94, 3)
    assert image.sheet(small[..., :1]).shape[-1] == 3
    with pytest.raises(UsageError):
        image.sheet(small[:0])


def test_sheet_shows_transparency_as_a_checkerboard():
    clear = np.zeros((1, 16, 16, 4), np.uint8)
    board = image.sheet(clear, scale=1, gap=0)
    assert set(np.unique(board)) == {232, 250}
    clear[...] = 255
    assert (image.sheet(clear, scale=1, gap=0) == 255).all()


@pytest.mark.skipif("BOTTEGA_TEST_DATA" not in os.environ, reason="BOTTEGA_TEST_DATA is not set")
def test_real_pictures():
    collections = Path(os.environ["BOTTEGA_TEST_DATA"]) / "images"
    for path in [*sorted((collections / "photos").iterdir()), *sorted((collections / "paintings").iterdir())]:
        pixels = image.read(path, hint=(64, 64))
        assert image.fit(pixels, (64, 48), "crop").std() > 10
