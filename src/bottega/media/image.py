"""Pictures: read any of them, fit them to a size, write them with their record, show many at once.

A picture is a uint8 array ``(H, W, 3)``, or ``(H, W, 4)`` with premultiplied alpha: colour times opacity, so that
averaging pixels (resizing, blurring, training) never draws the hidden colour of transparent pixels into an edge.
"""

import json
import math
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from PIL import Image, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

from bottega.errors import UnreadableWork, UsageError
from bottega.language import _
from bottega.media.disclosure import parsed, xmp
from bottega.media.files import whole_file, why

MAX_PIXELS, MOST_COMMENTS = 64_000_000, 1 << 20
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF")
Fit = Literal["crop", "pad", "stretch"]
FITS: tuple[str, ...] = ("crop", "pad", "stretch")

WRITTEN = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
"""The endings a picture can be written under."""
READ = {".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".tif", ".tiff", ".bmp", ".dib", ".gif"}
"""The endings of pictures that can be read."""

RECORD_KEY, XMP_KEY = "bottega", "XML:com.adobe.xmp"
PAPER = 255  # what lies under transparency, and around a padded picture without it
ORIENTATION_TAG = 0x0112
EXIF_IFD, USER_COMMENT = 0x8769, 0x9286
JPEG_ROOM = 65_533  # bytes of EXIF data in a JPEG
ASCII = b"ASCII\0\0\0"  # how a user comment of EXIF says its encoding
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Many threads may read at once; only two of them hold a very large picture, or memory would depend on the machine.
LARGE = 8_000_000
_large_pictures = threading.BoundedSemaphore(2)

# Pillow warns about strange metadata and large sizes; both are dealt with below, in words.
warnings.filterwarnings("ignore", module=r"PIL\.")


def read(source: Path | BinaryIO, *, alpha: bool = False, hint: tuple[int, int] | None = None) -> np.ndarray:
    """Read one picture, upright, whatever its mode.

    Args:
        source: a path or an open binary file: PNG, JPEG, WebP, TIFF, BMP or GIF (the first frame).
        alpha: keep transparency; without it, transparent parts are laid over white.
        hint: the ``(H, W)`` it will be fitted to; a large JPEG is then decoded at a fraction of its size.

    Returns:
        uint8 ``(H, W, 3)``, or ``(H, W, 4)`` premultiplied.

    Raises:
        UnreadableWork: with the reason: not a picture, damaged, empty, too large, no permission.
    """
    try:
        with opened(source) as image:
            check_size(*image.size)
            if hint:
                # Twice the final size leaves the real resize enough detail; square, as EXIF may turn the picture.
                image.draft(None, (2 * max(hint), 2 * max(hint)))
            with _large_pictures if math.prod(image.size) > LARGE else nullcontext():
                return to_array(image, alpha)
    except UnreadableWork:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadableWork(too_large()) from error
    except UnidentifiedImageError as error:
        raise UnreadableWork(_("not a readable PNG, JPEG, WebP, TIFF, BMP or GIF picture")) from error
    except MemoryError as error:
        raise UnreadableWork(_("there is not enough memory to open it")) from error
    except Exception as error:  # Pillow's decoders meet damaged files with a dozen kinds of exception
        if isinstance(error, OSError) and error.errno:
            raise UnreadableWork(_("it cannot be opened: {why}").format(why=why(error))) from error
        raise UnreadableWork(_("the picture is damaged or cut short")) from error


@contextmanager
def opened(source: Path | BinaryIO, formats: Sequence[str] = FORMATS) -> Iterator[Image.Image]:
    """A picture open in Pillow, which would take hours over a GIF whose comments are endless: that one is refused.

    Raises:
        UnreadableWork: such a GIF; Pillow's own errors for what it cannot open.
    """
    with open(source, "rb") if isinstance(source, Path) else nullcontext(source) as file:
        check_comments(file)
        with Image.open(file, formats=formats) as image:
            yield image


def check_comments(file: BinaryIO) -> None:
    """Refuse a GIF with more than a megabyte of comments. Raises UnreadableWork."""
    file.seek(0)
    head, left = file.read(13), MOST_COMMENTS
    if head[:3] == b"GIF" and len(head) == 13:
        file.seek(3 << (head[10] & 7) + 1 if head[10] & 128 else 0, 1)
        while (kind := file.read(1)) in (b"!", b","):
            more = file.read(1 if kind == b"!" else 9)
            if kind == b"," and more:
                file.seek((3 << (more[-1] & 7) + 1 if more[-1] & 128 else 0) + 1, 1)
            while size := int.from_bytes(file.read(1)):
                file.seek(size, 1)
                left -= size if kind + more == b"!\xfe" else 0
                if left < 0:
                    raise UnreadableWork(_("its comments are longer than any picture's"))
    file.seek(0)


def too_large() -> str:
    """The reason why a picture with more than ``MAX_PIXELS`` is refused."""
    return _("larger than {limit} million pixels").format(limit=MAX_PIXELS // 1_000_000)


def check_size(width: int, height: int) -> None:
    """Refuse, before anything is decoded, a picture with no pixels or with too many."""
    if width < 1 or height < 1:
        raise UnreadableWork(_("the picture has no pixels"))
    if width * height > MAX_PIXELS:
        raise UnreadableWork(too_large())


def to_array(image: Image.Image, alpha: bool) -> np.ndarray:
    """An opened Pillow picture as uint8 ``(H, W, 3)`` or premultiplied ``(H, W, 4)``, turned upright."""
    image.load()
    transparent = image.has_transparency_data
    if image.mode.startswith("I") or image.mode == "F":
        image = deep_grey(image)
    if transparent or alpha:
        image = image.convert("RGBA")
    if not alpha and transparent:
        image = Image.alpha_composite(Image.new("RGBA", image.size, (PAPER, PAPER, PAPER, 255)), image)
    image = turn_upright(image.convert("RGBa" if alpha else "RGB"))
    return np.array(image)


def deep_grey(image: Image.Image) -> Image.Image:
    """Bring 16-bit, 32-bit and floating-point grey to 8 bits.

    16 bits are scaled by 257. Deeper numbers have no fixed white: when they exceed the usual range they are stretched
    from their darkest to their lightest.
    """
    deep = np.nan_to_num(np.asarray(image).astype(np.float32), posinf=0.0, neginf=0.0)  # (H, W)
    white = 1.0 if image.mode == "F" else 65535.0
    if deep.min() < 0 or deep.max() > white:
        deep, white = deep - deep.min(), float(max(deep.max() - deep.min(), 1e-12))
    grey = Image.fromarray(np.rint(deep * (255 / white)).astype(np.uint8))
    hidden = image.info.get("transparency")  # 16-bit PNG: one grey value stands for "transparent"
    if isinstance(hidden, int):
        opacity = np.where(np.asarray(image) == hidden, 0, 255).astype(np.uint8)
        grey = Image.merge("LA", (grey, Image.fromarray(opacity)))
    grey.info.update({key: image.info[key] for key in ("exif",) if key in image.info})
    return grey


def turn_upright(image: Image.Image) -> Image.Image:
    """Turn as the camera's EXIF orientation says; damaged EXIF data is as good as none."""
    try:
        turn = TURNS.get(image.getexif().get(ORIENTATION_TAG, 1))
    except Exception:  # EXIF is free-form data from any camera: whatever is wrong with it, the pixels are fine
        turn = None
    return image if turn is None else image.transpose(turn)


def fit(pixels: np.ndarray, size: tuple[int, int], how: Fit = "crop") -> np.ndarray:
    """Resize with antialiasing (Lanczos) to exactly ``size``.

    Args:
        pixels: uint8 ``(H, W, 3)`` or premultiplied ``(H, W, 4)``.
        size: ``(H, W)`` wanted.
        how: ``crop`` cuts the longer side in the middle, ``pad`` shows the whole picture on white (or transparency),
            ``stretch`` changes the proportions.

    Returns:
        uint8 ``(*size, C)``.
    """
    if how not in FITS:
        raise UsageError(_("--fit must be crop, pad or stretch, not {how}.").format(how=how))
    height, width = pixels.shape[:2]
    wanted_height, wanted_width = size
    if (height, width) == (wanted_height, wanted_width):
        return pixels
    if how == "pad":
        scale = min(wanted_height / height, wanted_width / width)
        inner = max(1, round(height * scale)), max(1, round(width * scale))
        canvas = np.full((*size, pixels.shape[2]), PAPER if pixels.shape[2] == 3 else 0, np.uint8)
        top, left = (wanted_height - inner[0]) // 2, (wanted_width - inner[1]) // 2
        canvas[top : top + inner[0], left : left + inner[1]] = resize(pixels, inner, (0, 0, width, height))
        return canvas
    box: tuple[float, float, float, float] = (0, 0, width, height)
    if how == "crop":
        scale = min(height / wanted_height, width / wanted_width)
        left, top = (width - wanted_width * scale) / 2, (height - wanted_height * scale) / 2
        box = (max(left, 0), max(top, 0), min(width - left, width), min(height - top, height))
    return resize(pixels, size, box)


def resize(pixels: np.ndarray, size: tuple[int, int], box: tuple[float, float, float, float]) -> np.ndarray:
    """The part of a picture inside ``box`` (left, top, right, bottom), resized to ``size`` (H, W)."""
    mode = "RGB" if pixels.shape[2] == 3 else "RGBX"  # four plain channels: already premultiplied
    height, width = pixels.shape[:2]
    image = Image.frombuffer(mode, (width, height), np.ascontiguousarray(pixels), "raw", mode, 0, 1)
    small = np.array(image.resize((size[1], size[0]), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0))
    if pixels.shape[2] == 4:
        np.minimum(small[..., :3], small[..., 3:], out=small[..., :3])  # Lanczos overshoots; colour <= opacity
    return small


def straighten_alpha(pixels: np.ndarray) -> np.ndarray:
    """Premultiplied ``(…, 4)`` to the straight alpha that files hold."""
    opacity = pixels[..., 3:].astype(np.float32)
    colour = np.rint(pixels[..., :3] * (255 / np.maximum(opacity, 1)))
    return np.concatenate([np.minimum(colour, 255).astype(np.uint8), pixels[..., 3:]], axis=-1)


def write(path: Path, pixels: np.ndarray, record: dict | None = None, profile: bytes | None = None) -> None:
    """Write a PNG, JPEG or WebP, as the ending says, whole or not at all.

    Args:
        path: where; folders are made.
        pixels: uint8 ``(H, W, 1|3|4)``, the latter premultiplied; a JPEG shows transparency as white.
        record: what to remember inside the file, as JSON: in the iTXt chunk ``bottega`` of a PNG, in the user comment
            of the EXIF data elsewhere; that a model made it is said in XMP too, for other programs.
        profile: the ICC profile that the colours are meant in.

    Raises:
        OutOfRoom, DataError: when the disk is full or refuses.
        UsageError: for another ending, or a picture too large for its format.
    """
    form = WRITTEN.get(path.suffix.lower())
    if form is None:
        message = _("Pictures are written as {endings}, not as “{ending}”.")
        raise UsageError(message.format(endings=", ".join(WRITTEN), ending=path.suffix))
    longest = {"WEBP": 16_383, "JPEG": 65_535}.get(form, max(pixels.shape[:2]))
    if max(pixels.shape[:2]) > longest:
        message = _("A {form} file has at most {longest} pixels on a side; write a PNG.")
        raise UsageError(message.format(form=form, longest=f"{longest:,}"))
    if pixels.shape[-1] == 4 and form == "JPEG":
        pixels = pixels[..., :3] + (PAPER - pixels[..., 3:])
    pixels = straighten_alpha(pixels) if pixels.shape[-1] == 4 else pixels
    image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else np.ascontiguousarray(pixels))
    how: dict = {"icc_profile": profile} if profile else {}
    packet = xmp(record)
    if form == "PNG":
        how["pnginfo"] = info = PngInfo()
        if record is not None:
            info.add_itxt(RECORD_KEY, json.dumps(record, ensure_ascii=False, sort_keys=True))
        if packet:
            info.add_itxt(XMP_KEY, packet.decode())
    else:
        how |= {"xmp": packet} if packet else {}
        how |= {"quality": 95} if form == "JPEG" else {"quality": 95, "method": 4}
        how |= {"subsampling": 0} if form == "JPEG" else {}
        how["exif"] = exif_of(record)
        if form == "JPEG" and len(how["exif"]) > JPEG_ROOM:
            message = _("The record of how it was made is too long for a {form} file; write a PNG.")
            raise UsageError(message.format(form=form))
    with whole_file(path) as part:
        image.save(part, format=form, **how)


def exif_of(record: dict | None, more: dict[int, Any] | None = None) -> bytes:
    """EXIF data that holds the record, and more tags, but nothing else."""
    exif = Image.Exif()
    exif.update(more or {})
    if record is not None:
        exif.get_ifd(EXIF_IFD)[USER_COMMENT] = ASCII + json.dumps(record, sort_keys=True).encode("ascii")
    return exif.tobytes()


def read_profile(path: Path) -> bytes | None:
    """The ICC profile inside a picture, if its colours are red, green and blue as ours; None otherwise."""
    try:
        with opened(Path(path)) as image:
            profile = image.info.get("icc_profile")
    except Exception:  # the same file was read a moment ago: without a profile it is as good
        return None
    # bytes 16 to 20 name the colour space; a profile of CMYK or grey colours says nothing of the ones we write
    return profile if isinstance(profile, bytes) and profile[16:20] == b"RGB " else None


def read_mask(path: Path) -> np.ndarray:
    """A picture as a mask, uint8 ``(H, W)``: white 255, black and transparent parts 0. Raises UnreadableWork."""
    return light(read(path, alpha=True))  # premultiplied: what is transparent is black


def light(pixels: np.ndarray) -> np.ndarray:
    """How light a picture uint8 ``(H, W, 3|4)`` is: uint8 ``(H, W)``."""
    return np.rint(pixels[..., :3] @ np.array([0.299, 0.587, 0.114], np.float32)).astype(np.uint8)


def read_record(path: Path) -> dict | None:
    """The record inside a picture that Bottega wrote; None for any other picture.

    Raises:
        UnreadableWork: when it is no picture or cannot be opened.
    """
    try:
        with opened(Path(path)) as image:
            text = image.info.get(RECORD_KEY)
            if text is None:
                with suppress(Exception):  # EXIF is free-form data from any camera
                    comment = image.getexif().get_ifd(EXIF_IFD).get(USER_COMMENT, b"")
                    text = comment.removeprefix(ASCII)
    except Exception as error:  # Pillow meets damaged files with a dozen kinds of exception
        reason = _("not a readable PNG, JPEG, WebP, TIFF, BMP or GIF picture")
        reason = why(error) if isinstance(error, OSError) and error.errno else reason
        reason = str(error) if isinstance(error, UnreadableWork) else reason
        raise UnreadableWork(_("{path} cannot be read: {why}.").format(path=path, why=reason)) from error
    return parsed(text) if isinstance(text, str | bytes) else None


def over_checkerboard(pictures: np.ndarray) -> np.ndarray:
    """Premultiplied ``(N, H, W, 4)`` over a light checkerboard, so that transparency is seen: ``(N, H, W, 3)``."""
    height, width = pictures.shape[1:3]
    square = max(2, min(height, width) // 8)
    rows, columns = np.arange(height)[:, None] // square, np.arange(width)[None] // square
    board = np.where((rows + columns) % 2, 232, 250)[None, :, :, None]  # (1, H, W, 1)
    mixed = pictures[..., :3] + board * (255 - pictures[..., 3:].astype(np.int32)) // 255
    return np.minimum(mixed, 255).astype(np.uint8)


def sheet(pictures: np.ndarray, *, columns: int | None = None, scale: int | None = None, gap: int = 2) -> np.ndarray:
    """A contact sheet.

    Args:
        pictures: uint8 ``(N, H, W, 1|3|4)``, N at least 1; transparency is shown over a light checkerboard.
        columns: how many stand side by side; about a square when not given.
        scale: whole-number enlargement without smoothing; when not given, small pictures grow to about 96 pixels.
        gap: white pixels between and around them.

    Returns:
        uint8 ``(rows·(H·scale+gap)+gap, columns·(W·scale+gap)+gap, 3)``.
    """
    if len(pictures) == 0:
        raise UsageError(_("A contact sheet needs at least one picture."))
    pictures = over_checkerboard(pictures) if pictures.shape[-1] == 4 else pictures
    scale = scale or max(1, 96 // max(pictures.shape[1:3]))
    columns = min(columns or math.ceil(math.sqrt(len(pictures))), len(pictures))
    rows = math.ceil(len(pictures) / columns)
    height, width = pictures.shape[1] * scale + gap, pictures.shape[2] * scale + gap
    page = np.full((rows * height + gap, columns * width + gap, 3), 255, np.uint8)
    for number, picture in enumerate(pictures):
        top, left = number // columns * height + gap, number % columns * width + gap
        enlarged = picture.repeat(scale, axis=0).repeat(scale, axis=1)  # (H·scale, W·scale, 1|3)
        page[top : top + height - gap, left : left + width - gap] = enlarged
    return page
