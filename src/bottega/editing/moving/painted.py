"""Frames of a film that a person painted: fitted to the film, and told which frame each of them is."""

import re

import numpy as np

from bottega.editing.moving.flow import opencv
from bottega.editing.operation import Job
from bottega.errors import UsageError
from bottega.language import _

SHAPE = 0.02  # by which a painting may be wider or higher than the film: more was not painted over a frame
LOOKED = 96  # pixels of the longer side that tell which frame a painting is
EDGES = 0.5  # how much its lines tell, next to its colours
LIKE = 0.75  # of a painting's variance that a frame leaves unexplained: more is not much like it


def placed(paintings: list[np.ndarray], at: str, frames: np.ndarray, job: Job) -> dict[int, np.ndarray]:
    """Paintings by the number of their frame, counted from 0.

    Args:
        paintings: uint8 ``(h, w, 3)`` or premultiplied ``(h, w, 4)``, through which the frame is seen.
        at: the numbers of their frames, counted from 1, as a person writes them; empty when they are to be found.
        frames: uint8 ``(T, H, W, 3)``.
        job: told what was fitted and found.

    Returns:
        uint8 ``(H, W, 3)`` by frame, in the order of the film.

    Raises:
        UsageError: numbers that are none or that do not fit, a painting of another shape, two for one frame.
    """
    fit = [fitted(painting, frames.shape[1:3], number, job) for number, painting in enumerate(paintings, 1)]
    if at.strip():
        numbers = told(at, len(paintings), len(frames))
    else:
        numbers = [found(painting, frames, number, job) for number, painting in enumerate(fit, 1)]
    for number, frame in enumerate(numbers):
        if frame in numbers[:number]:
            message = _("Paintings {one} and {other} are both of frame {frame}; say with --frames which frame each is.")
            raise UsageError(message.format(one=numbers.index(frame) + 1, other=number + 1, frame=frame + 1))
    if paintings and not at.strip():
        where = ", ".join(str(frame + 1) for frame in numbers)
        job.say(_("The paintings were taken for these frames: {frames}; --frames says otherwise.").format(frames=where))
    return {frame: over(fit[numbers.index(frame)], frames[frame]) for frame in sorted(numbers)}


def fitted(painting: np.ndarray, size: tuple[int, int], number: int, job: Job) -> np.ndarray:
    """A painting at the size of the film ``(H, W)``. Raises UsageError when its shape is another."""
    height, width = painting.shape[:2]
    if (height, width) == size:
        return painting
    values = {"number": number, "painting": f"{width}×{height}", "film": f"{size[1]}×{size[0]}"}
    off_by_rounding = abs(width * size[0] / size[1] - height) <= 1 or abs(height * size[1] / size[0] - width) <= 1
    if abs(width * size[0] / (height * size[1]) - 1) > SHAPE and not off_by_rounding:
        message = _("Painting {number} is {painting} and the film {film} pixels: paint a whole frame of the film.")
        raise UsageError(message.format(**values))
    job.say(_("Painting {number} is {painting} and the film {film} pixels: it was fitted.").format(**values))
    cv2 = opencv()
    how = cv2.INTER_AREA if width > size[1] else cv2.INTER_CUBIC
    made = cv2.resize(np.ascontiguousarray(painting), size[::-1], interpolation=how)
    if made.shape[2] == 4:
        np.minimum(made[..., :3], made[..., 3:], out=made[..., :3])  # colour <= opacity
    return made


def told(at: str, count: int, length: int) -> list[int]:
    """``"1,48"`` as places of so many frames, counted from 0. Raises UsageError when they do not fit."""
    words = [word for word in re.split(r"[\s,;]+", at.strip()) if word]
    if not all(word.isdecimal() for word in words):
        raise UsageError(_("Frames are written as numbers, such as 1,48, not {words}.").format(words=at))
    if len(words) != count:
        message = _("--frames gives {numbers} numbers for {paintings} paintings: give one for each --keyframe.")
        raise UsageError(message.format(numbers=len(words), paintings=count))
    for word in words:
        if not 1 <= int(word) <= length:
            message = _("The film has frames 1 to {last}, and no frame {number}.")
            raise UsageError(message.format(last=length, number=word))
    return [int(word) - 1 for word in words]


def over(painting: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """A painting over its frame, which shows where the painting is transparent: uint8 ``(H, W, 3)``."""
    if painting.shape[2] == 3:
        return painting
    left = (frame.astype(np.uint16) * (255 - painting[..., 3:]) + 127) // 255
    return (painting[..., :3] + left).clip(0, 255).astype(np.uint8)


def found(painting: np.ndarray, frames: np.ndarray, number: int, job: Job) -> int:
    """The place of the frame from which a painting follows best, by its colours and by its lines; that no frame is much
    like it is said."""
    apart = [unlike(over(painting, frame), frame) for frame in frames]
    best = int(np.argmin(apart))
    if apart[best] > LIKE:
        message = _("No frame is much like painting {number}; say with --frames which frame it is.")
        job.say(message.format(number=number))
    return best


def unlike(painting: np.ndarray, frame: np.ndarray) -> float:
    """What a frame leaves unexplained of a painting of it, in [0, 1]: 0 when each colour of the frame became one of the
    painting's, and there are lines where there were lines."""
    ours, theirs = (shrunk(picture) for picture in (frame, painting))
    red, green, blue = np.moveaxis(ours, 2, 0)
    ground = [np.ones_like(red), red, green, blue, red * red, green * green, blue * blue]
    colours = left_over([*ground, red * green, green * blue, blue * red], np.moveaxis(theirs, 2, 0))
    lines = left_over([np.ones_like(red), slope(ours)], [slope(theirs)])
    return (colours + EDGES * lines) / (1 + EDGES)


def shrunk(picture: np.ndarray) -> np.ndarray:
    """A picture as float32 ``(h, w, 3)`` in [0, 1], with ``LOOKED`` pixels on its longer side if it has more."""
    cv2 = opencv()
    share = min(1.0, LOOKED / max(picture.shape[:2]))
    size = max(1, round(picture.shape[1] * share)), max(1, round(picture.shape[0] * share))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def slope(picture: np.ndarray) -> np.ndarray:
    """How steep each place of a picture ``(h, w, 3)`` is: ``(h, w)``."""
    cv2 = opencv()
    grey = cv2.GaussianBlur(picture.mean(2), (0, 0), 1)
    return np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))


def left_over(known: list[np.ndarray], wanted: "list[np.ndarray] | np.ndarray") -> float:
    """The share of the variance of some planes that no mixture of the known ones explains."""
    a = np.stack([plane.ravel() for plane in known], 1).astype(np.float64)
    b = np.stack([plane.ravel() for plane in wanted], 1).astype(np.float64)
    b -= b.mean(0)
    mixture = np.linalg.lstsq(a, b, rcond=None)[0]
    whole = float(np.square(b).sum())
    return float(np.square(b - a @ mixture).sum()) / whole if whole > 1e-9 else 1.0
