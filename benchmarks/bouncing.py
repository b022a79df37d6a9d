"""Bouncing digits, on which nearly every model of moving pictures has been tried, drawn anew: nothing to download.

Two digits move through a frame at constant speed and bounce off its walls, as in Moving MNIST (Srivastava et al. 2015,
"Unsupervised Learning of Video Representations using LSTMs", arXiv:1502.04681); here they are drawn with Pillow's own
font in boxes of 28 pixels, upright, slanted, smaller and larger. Where they meet, the brighter pixel is seen.

``python -m benchmarks bouncing [--clips 10000] [--frames 20] [--folder FOLDER]``: how fast they are drawn, and, with a
folder, 200 of them as lossless films.
"""

import argparse
import time
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bottega.randomness import Random

BOX = 28  # pixels of the box that a digit is drawn in
LARGER = 4  # digits are drawn this much larger and shrunk
HANDS = 16  # ways in which each digit is written
SLOW, FAST = 2.0, 5.0  # pixels a frame, of the frame of 64: Srivastava's move 3.6
AT_ONCE = 256  # clips laid at a time
RATE = Fraction(12)


@lru_cache(maxsize=1)
def glyphs() -> np.ndarray:
    """The ten digits in ``HANDS`` ways: uint8 ``(10, HANDS, 28, 28)``, white on black."""
    side = BOX * LARGER
    made = np.zeros((10, HANDS, BOX, BOX), np.uint8)
    dice = Random("glyphs").uniform(10, HANDS, 3).numpy()
    for digit in range(10):
        for hand in range(HANDS):
            size, slant, weight = dice[digit, hand]
            font = ImageFont.load_default(size=(0.78 + 0.3 * size) * side)
            paper = Image.new("L", (side, side))
            stroke = {"stroke_width": round(1.5 + 3 * weight), "fill": 255}
            ImageDraw.Draw(paper).text((side / 2, side / 2), str(digit), font=font, anchor="mm", **stroke)
            lean = 0.5 * (slant - 0.35)
            leant = paper.transform(paper.size, Image.Transform.AFFINE, (1, lean, -lean * side / 2, 0, 1, 0), 3)
            made[digit, hand] = np.asarray(leant.resize((BOX, BOX), Image.Resampling.BOX))
    return made


def digits(n: int, frames: int = 20, size: int = 64, count: int = 2, seed: int = 0) -> np.ndarray:
    """Clips of bouncing digits, a pure function of the arguments.

    Args:
        n: clips.
        frames: of each.
        size: side of a frame, at least 32.
        count: digits in each clip.
        seed: other digits, places and directions.

    Returns:
        uint8 ``(n, frames, size, size)``, white on black.
    """
    random = Random(seed, "bouncing")
    room = size - BOX
    which = random.child("digit").integers(10, n, count).numpy()
    hand = random.child("hand").integers(HANDS, n, count).numpy()
    start = random.child("place").uniform(n, count, 2).numpy() * 2.0 * room  # half of them on their way back
    speed, turn = random.child("speed").uniform(2, n, count).numpy().astype(np.float64)
    speed = (SLOW + (FAST - SLOW) * speed) * size / 64
    way = speed[..., None] * np.stack([np.sin(2 * np.pi * turn), np.cos(2 * np.pi * turn)], -1)  # (n, count, 2)
    going = start[:, None] + np.arange(frames)[:, None, None] * way[:, None]  # (n, T, count, 2)
    place = np.rint(room - np.abs(going % (2 * room) - room)).astype(np.intp)  # there and back: it bounces

    clips = np.zeros((n, frames, size, size), np.uint8)
    drawn = glyphs()[which, hand]  # (n, count, 28, 28)
    for first in range(0, n, AT_ONCE):
        some = clips[first : first + AT_ONCE]
        boxes = np.lib.stride_tricks.sliding_window_view(some, (BOX, BOX), (2, 3), writeable=True)
        i, t = np.ogrid[: len(some), :frames]
        for one in range(count):
            y, x = np.moveaxis(place[first : first + AT_ONCE, :, one], -1, 0)
            boxes[i, t, y, x] = np.maximum(boxes[i, t, y, x], drawn[first : first + AT_ONCE, None, one])
    return clips


def write(folder: Path, n: int, frames: int = 20, size: int = 64, count: int = 2, seed: int = 0) -> Path:
    """The same as lossless films ``folder/<number>.mkv``, at twelve frames a second."""
    from bottega.media import video

    folder.mkdir(parents=True, exist_ok=True)
    for number, clip in enumerate(digits(n, frames, size, count, seed)):
        video.write(folder / f"{number:05}.mkv", video.Film(np.repeat(clip[..., None], 3, axis=-1), RATE))
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=10_000)
    parser.add_argument("--frames", type=int, default=20)
    parser.add_argument("--folder", type=Path)
    wanted = parser.parse_args()
    glyphs()
    began = time.process_time()
    clips = digits(wanted.clips, wanted.frames)
    used = time.process_time() - began
    print(
        f"{len(clips):,} clips of {wanted.frames} frames in {used:.1f} s; {(clips > 127).mean():.1%} of pixels are lit"
    )
    if wanted.folder:
        write(wanted.folder, 200, wanted.frames)


if __name__ == "__main__":
    main()
