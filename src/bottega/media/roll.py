"""How a score looks: a piano roll in as many rows as it needs, its tracks in colours, drums beneath."""

import math
from dataclasses import dataclass

import numpy as np

from bottega.media import drawing
from bottega.media.score import Score

LEFT, TOP, GAP = 30, 14, 8
WIDE, NARROW = 22.0, 2.0  # pixels for a quarter, at most and at least
MOST_ROWS = 6
MOST_NOTES = 20_000  # of a track in a row: more than there are pixels
COLOURS = np.array(
    [
        (196, 72, 52),
        (44, 110, 160),
        (58, 132, 84),
        (206, 146, 38),
        (124, 84, 160),
        (40, 140, 146),
        (176, 88, 122),
        (108, 104, 96),
    ]
)
KEYS, BLACK, BAR, BEAT = (255, 254, 251), (241, 237, 230), (150, 143, 134), (226, 220, 211)
SHARPS = (1, 3, 6, 8, 10)


@dataclass(frozen=True)
class Layout:
    """Where things lie: pixels for a quarter and a pitch, ticks of each row, the pitches and drums that are shown."""

    quarter: float
    high: int
    rows: list[tuple[int, int]]
    low: int
    top: int
    drums: list[int]

    @property
    def keys(self) -> int:
        """Height of the pitches."""
        return self.high * (self.top - self.low + 1)

    @property
    def row(self) -> int:
        """Height of one row with what stands around it."""
        return TOP + self.keys + (6 * len(self.drums) + 4 if self.drums else 0) + GAP


def picture(score: Score, width: int = 900) -> np.ndarray:
    """Draw a score.

    Args:
        score: of any length; a very long one is drawn finer, and its end is left out when even that has no room.
        width: in pixels.

    Returns:
        uint8 (H, W, 3), as high as its rows need.
    """
    layout = laid_out(score, width)
    pixels = drawing.sheet(len(layout.rows) * layout.row + 12, width)
    bars = score.bars
    for number, (begin, end) in enumerate(layout.rows):
        strip = pixels[number * layout.row : (number + 1) * layout.row]
        scale = layout.quarter / score.quarter
        last = min(width - 2, LEFT + math.ceil((end - begin) * scale))
        draw_keys(strip, layout, last)
        draw_bars(strip, layout, score, bars, (begin, end), last)
        draw_notes(strip, layout, score, (begin, end), last)
    legend(pixels[-12:], score)
    return pixels


def laid_out(score: Score, width: int) -> Layout:
    """Rows of whole bars, as wide as fits."""
    pitches = [track.notes[:, 2] for track in score.tracks if not track.drums]
    low, top = min((int(p.min()) for p in pitches), default=60), max((int(p.max()) for p in pitches), default=64)
    middle = max(0, 24 - (top - low + 1)) // 2
    low, top = max(0, low - 1 - middle), min(127, top + 1 + middle)
    drums = sorted({int(pitch) for track in score.tracks if track.drums for pitch in np.unique(track.notes[:, 2])})
    bars = score.bars or [(0, max(1, score.end))]
    room = width - LEFT - 4
    longest = max(end - begin for begin, end in bars) / score.quarter
    needed = (bars[-1][1] - bars[0][0]) / score.quarter / MOST_ROWS
    quarter = max(NARROW, min(WIDE, room / longest, room / (needed + longest) if needed > room / WIDE else WIDE))
    rows: list[tuple[int, int]] = []
    for begin, end in bars:
        if rows and (end - rows[-1][0]) * quarter / score.quarter <= room:
            rows[-1] = rows[-1][0], end
        else:
            rows.append((begin, end))
    high = min(8, max(4, 300 // (top - low + 1) // min(3, len(rows)) + 2))
    return Layout(quarter, high, rows[:MOST_ROWS], low, top, drums)


def draw_keys(strip: np.ndarray, layout: Layout, last: int) -> None:
    """The ground: lighter for white keys, a line above each B, the names of the Cs."""
    for pitch in range(layout.low, layout.top + 1):
        row = TOP + (layout.top - pitch) * layout.high
        strip[row : row + layout.high, LEFT:last] = BLACK if pitch % 12 in SHARPS else KEYS
        if pitch % 12 == 0:
            strip[row + layout.high - 1, LEFT:last] = drawing.FAINT
            drawing.write(strip, f"C{pitch // 12 - 1}", row - 2, 6)


def draw_bars(strip: np.ndarray, layout: Layout, score: Score, bars: list, row: tuple[int, int], last: int) -> None:
    """Bar lines with their numbers, and lines for beats where there is room."""
    begin, end = row
    scale = layout.quarter / score.quarter
    bottom = layout.row - GAP
    written = -100
    for number, (bar, close) in enumerate(bars):
        if not begin <= bar < end:
            continue
        if layout.quarter >= 8:
            _above, below = score.meter_at(bar)
            for beat in np.arange(bar, close, 4 * score.quarter / below)[1:]:
                strip[TOP:bottom, min(last - 1, LEFT + round((beat - begin) * scale))] = BEAT
        column = LEFT + round((bar - begin) * scale)
        strip[TOP - 3 : bottom, column] = BAR
        if column - written > 24:
            drawing.write(strip, str(number + 1), 1, column + 1)
            written = column
    strip[TOP - 3 : bottom, last] = BAR


def draw_notes(strip: np.ndarray, layout: Layout, score: Score, row: tuple[int, int], last: int) -> None:
    """The notes that sound in a row: darker when loud, the first tracks on top."""
    begin, end = row
    scale = layout.quarter / score.quarter
    floor = TOP + layout.keys + 4
    for number, track in reversed(list(enumerate(score.tracks))):
        notes = track.notes
        here = notes[(notes[:, 0] < end) & (notes[:, 0] + notes[:, 1] > begin)][:MOST_NOTES]
        for start, length, pitch, loud in here.tolist():
            left = LEFT + round((max(start, begin) - begin) * scale)
            right = min(last, LEFT + round((min(start + length, end) - begin) * scale))
            light = 0.45 * (1 - loud / 127)
            colour = (COLOURS[number % len(COLOURS)] * (1 - light) + 255 * light).astype(np.uint8)
            if track.drums:
                top = floor + 6 * (len(layout.drums) - 1 - layout.drums.index(pitch))
                strip[top : top + 5, left : left + 3] = colour
                continue
            top = TOP + (layout.top - pitch) * layout.high
            strip[top : top + layout.high - 1, left : max(left + 1, right - 1)] = colour
            strip[top : top + layout.high - 1, left] = (colour * 0.72).astype(np.uint8)  # where it is struck


def legend(pixels: np.ndarray, score: Score) -> None:
    """The names of the tracks in their colours, as many as fit."""
    column = LEFT
    for number, track in enumerate(score.tracks):
        name = track.name or str(number + 1)
        pixels[2:9, column : column + 7] = COLOURS[number % len(COLOURS)]
        after = drawing.write(pixels, name[:24], 1, column + 10)
        if after == column + 10:
            pixels[2:9, column : column + 7] = drawing.GROUND
            return
        column = after + 14
