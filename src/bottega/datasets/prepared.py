"""A prepared collection of pictures: rows of pixels in one file, with everything known about them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bottega import home
from bottega.datasets.cache import PIXELS, VERSION, Settings, make
from bottega.datasets.files import Skipped, listed
from bottega.datasets.folder import find
from bottega.datasets.rows import PixelFile
from bottega.datasets.store import cache_folder, trusted_index
from bottega.errors import UsageError
from bottega.language import _
from bottega.media import image

SMALLEST, LARGEST, STEP = 16, 256, 8


@dataclass(frozen=True)
class Report:
    """What preparation found."""

    used: int
    skipped: list[Skipped] = field(default_factory=list)
    duplicates: list[tuple[str, str]] = field(default_factory=list)
    classes: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def sentence(self) -> str:
        """For example "2,612 used, 4 skipped: a.png (the file is empty), …"."""
        if not self.skipped:
            text = _("{used:,} used, none skipped").format(used=self.used)
        else:
            text = _("{used:,} used, {skipped:,} skipped: {which}").format(
                used=self.used, skipped=len(self.skipped), which=listed(self.skipped, len(self.skipped))
            )
        if self.duplicates:
            text += _("; near-duplicate pairs: {pairs:,}").format(pairs=len(self.duplicates))
        return text


class Prepared:
    """A prepared collection, opened.

    Attributes:
        shape: (C, H, W) of a work; C is 3, or 4 with premultiplied alpha.
        names, captions: of each row; a caption may be None.
        classes: names of the classes, [] when there are fewer than two.
        labels: int64 (N,), or None without classes; ``len(classes)`` marks a work that has none.
        train, held_out: int64 row numbers, disjoint.
        report: what preparation found.
        fingerprint: SHA-256 over contents, labels, captions and preparation settings.
    """

    def __init__(self, folder: Path, index: dict) -> None:
        self.folder = folder
        self.names: list[str] = index["names"]
        self.captions: list[str | None] = index["captions"]
        self.classes: list[str] = index["classes"]
        self.labels = np.array(index["labels"], np.int64) if self.classes else None
        self.fingerprint: str = index["fingerprint"]
        held = np.zeros(len(self.names), bool)
        held[index["held_out"]] = True
        self.train, self.held_out = np.flatnonzero(~held), np.flatnonzero(held)
        report = index["report"]
        report["skipped"] = [Skipped(**skip) for skip in report["skipped"]]
        report["duplicates"] = [(one, other) for one, other in report["duplicates"]]
        self.report = Report(**report)
        height, width, channels = index["row"]
        self.shape = (channels, height, width)
        self.pixels = PixelFile(folder / PIXELS, (height, width, channels))

    def __len__(self) -> int:
        return len(self.names)

    def rows(self, indices: np.ndarray) -> np.ndarray:
        """Copies of these works: uint8 ``(n, H, W, C)``."""
        return self.pixels(indices)


def prepare(
    source: Path,
    *,
    size: tuple[int, int],
    fit: image.Fit = "crop",
    alpha: bool = False,
    cache: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    largest: int = LARGEST,
) -> Prepared:
    """Prepare a folder (or zip) of pictures, or open what was prepared before when nothing changed since.

    Args:
        source: the folder or zip.
        size: (H, W), each 16 … 256 and a multiple of 8.
        fit: ``crop``, ``pad`` or ``stretch``.
        alpha: keep transparency.
        cache: where prepared collections are kept; ``bottega.home.cache()`` when not given.
        on_progress: called with (pictures done, pictures in all).
        largest: the longest side that is allowed; what is not trained on may be larger.

    Raises:
        UsageError: a size or fit that is not possible.
        DataError: no such folder, fewer than two pictures that can be used, or a cache folder that cannot be written.
        OutOfRoom: the disk is full.
    """
    settings = checked(size, fit, alpha, largest)
    source = Path(source)
    entries, skipped = find(source)
    folder = cache_folder(
        Path(cache or home.cache()), "pictures", VERSION, f"{source.resolve()}\n{settings}", entries, skipped
    )
    index = trusted_index(folder)
    if index is None:
        index = make(source, folder, settings, entries, skipped, on_progress)
    return Prepared(folder, index)


def checked(size: tuple[int, int], fit: str, alpha: bool, largest: int = LARGEST) -> Settings:
    """The settings, when they are possible."""
    height, width = size
    if any(not isinstance(side, int) or side % STEP or not SMALLEST <= side <= largest for side in (height, width)):
        message = _("--size must be multiples of 8 from {least} to {most}, not {height}x{width}.")
        raise UsageError(message.format(least=SMALLEST, most=largest, height=height, width=width))
    if fit not in image.FITS:
        raise UsageError(_("--fit must be crop, pad or stretch, not {how}.").format(how=fit))
    return Settings((height, width), fit, bool(alpha))
