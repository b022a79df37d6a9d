"""What a person sees while the machine works: progress, plain lines, and pictures made of half blocks.

Everything here goes to stderr, so that stdout holds results only.
"""

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.progress import BarColumn, Progress, TextColumn
from rich.segment import Segment, Segments
from rich.style import Style
from rich.table import Column, Table
from rich.text import Text

from bottega.events import Editing, Preparing, Said, Written
from bottega.language import _
from bottega.media.disclosure import HARMFUL
from bottega.training import events

if TYPE_CHECKING:
    import numpy as np

QUIET_SECONDS = 10.0
"""Without a terminal, one line about this often: enough to see life, few enough to keep in a log."""


def console() -> Console:
    """Where people read; silent in all but the first of several processes."""
    return Console(stderr=True, highlight=False, soft_wrap=True, quiet=os.environ.get("RANK", "0") != "0")


def half_blocks(pixels: "np.ndarray", columns: int) -> Segments:
    """A picture as characters: each cell is an upper half block, its own colour above and the background below.

    Args:
        pixels: uint8 (H, W, 3), or (H, W, 4) premultiplied.
        columns: width in characters; one character is one pixel wide and two high.
    """
    from bottega.media import image

    pixels = image.over_checkerboard(pixels[None])[0] if pixels.shape[2] == 4 else pixels
    height, width, _colours = pixels.shape
    rows = max(2 * round(height * columns / width / 2), 2)
    small = image.fit(pixels, (rows, columns), "stretch").tolist()
    cells = []
    for upper, lower in zip(small[::2], small[1::2], strict=True):
        for above, below in zip(upper, lower, strict=True):
            cells.append(
                Segment("▀", Style(color="rgb({},{},{})".format(*above), bgcolor="rgb({},{},{})".format(*below)))
            )
        cells.append(Segment.line())
    return Segments(cells)


def show_work(screen: Console, path: Path, columns: int = 64) -> None:
    """Shows a work: a text as it is; anything else as it looks, in a terminal that has the colours for it."""
    from bottega.media import kinds

    if kinds.medium_of_file(path) == "text":
        screen.print(str(kinds.read(path)).translate(HARMFUL), markup=False)
    elif _shows_colours(screen) and (pixels := kinds.picture(kinds.read(path))) is not None:
        screen.print(half_blocks(pixels, _columns_for(screen, pixels, columns)))


def _shows_colours(screen: Console) -> bool:
    return screen.is_terminal and screen.color_system in ("truecolor", "256")


def _columns_for(screen: Console, pixels: "np.ndarray", columns: int) -> int:
    """No wider than wished, than the terminal, than the picture; and low enough to be seen at once."""
    fitting = int(2 * (screen.height - 4) * pixels.shape[1] / pixels.shape[0])
    return max(min(columns, screen.width - 1, fitting, pixels.shape[1]), 8)


def duration(seconds: float | None) -> str:
    """``"1:02:03"`` or ``"4:05"``; a dash when unknown."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def sentence(event: object) -> str:
    """What an event of training says to a person; empty for those that only move a bar."""
    match event:
        case events.Started():
            facts = _("{parameters} parameters on {device}")
            facts = facts.format(parameters=f"{event.parameters:,}", device=event.device)
            if event.processes > 1:
                facts += ", " + _("{n} processes").format(n=event.processes)
            if event.step:
                facts += ", " + _("going on from step {step}").format(step=f"{event.step:,}")
            return facts
        case events.Previewed(path=None):
            return _("The preview could not be drawn: {problem}").format(problem=event.problem)
        case events.Previewed():
            message = _("Preview after step {step}: {path}")
            return message.format(step=f"{event.step:,}", path=event.path)
        case events.SetAside():
            message = _("A damaged checkpoint was moved to {path} ({reason}); the one before it is used.")
            return message.format(path=event.path, reason=event.reason)
        case events.Skipped():
            message = _("Step {step} ({phase}) gave numbers that are not finite; it was skipped.")
            return message.format(step=event.step, phase=event.phase)
        case events.RolledBack():
            message = _("Too many such steps: went back from step {step} to {to}, learning {scale} times as fast.")
            return message.format(step=event.step, to=event.to, scale=f"{event.scale:g}")
        case events.Finished():
            message = _("Trained {step} steps in {time}.")
            trained = message.format(step=f"{event.step:,}", time=duration(event.seconds))
            if event.progress < 1:
                trained += " " + _("That is {share} of what was planned.").format(share=f"{event.progress:.0%}")
            return trained
    return ""


def step_line(event: events.Stepped) -> str:
    """How far a training is and how fast, in a few words."""
    line = _("step {step}  {rate} {unit}/s")
    return line.format(step=f"{event.step:,}", rate=f"{event.rate:,.0f}", unit=_(event.unit))


class FoldingTable(Table):
    """A table that breaks long words; Chinese has no spaces, so to rich a whole sentence is one word."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for column in self.columns:
            column.overflow = "fold"
        yield from super().__rich_console__(console, options)


def print_table(heads: tuple[str, ...], rows: Sequence[tuple[str | Text, ...]], *, bare: bool = False) -> None:
    """A table on stdout; ``bare`` leaves out heads and lines. What looks like markup or steers a terminal is text."""
    table = FoldingTable(box=None if bare else SIMPLE_HEAD, show_header=not bare, pad_edge=False)
    for i, head in enumerate(heads):
        table.add_column(head, no_wrap=i == 0)
    for row in rows:
        table.add_row(*(Text(cell.translate(HARMFUL)) if isinstance(cell, str) else cell for cell in row))
    Console(highlight=False).print(table)


def _short(name: str) -> str:
    """``"generator.loss"`` as ``"generator"``, ``"discriminator.told apart"`` as ``"told apart"``."""
    phase, _dot, what = name.partition(".")
    return phase if what in ("", "loss") else what


class Easel(Progress):
    """A progress bar with the work that is being made above it."""

    work: RenderableType | None = None

    def get_renderables(self) -> Iterable[RenderableType]:
        if self.work is not None:
            yield self.work
        yield from super().get_renderables()


class Watcher:
    """Shows the events of a training run: a bar in a terminal, a line every few seconds elsewhere.

    Use as a context manager and hand it over as ``on_event``.
    """

    def __init__(self, screen: Console) -> None:
        self.screen = screen
        self.preview: Path | None = None
        self.streamed = False
        self._begin = self._last_line = time.monotonic()
        self._bar: Easel | None = None

    def __enter__(self) -> "Watcher":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        if self.streamed:
            self.screen.print()

    def __call__(self, event: object) -> None:
        match event:
            case Said():
                self.say(event.text)
            case Editing():
                self._edit(event.share, event.preview)
            case Preparing():
                self._prepare(event.done, event.total)
            case Written():
                self._write(event.number, event.text)
            case events.Started():
                self._close()
                self.say(sentence(event))
                self._open_bar()
            case events.Stepped():
                self.advance(event.progress, event.seconds_left, step_line(event), event.losses)
            case events.Previewed(path=Path()):
                self.preview = event.path
                self.say(sentence(event), "dim")
            case events.Finished():
                self._close()
                self.say(sentence(event))
            case events.Previewed() | events.SetAside() | events.Skipped() | events.RolledBack():
                self.say(sentence(event), "yellow")

    def say(self, text: str, style: str = "") -> None:
        """One line, above the bar when there is one; names of files in it do not steer the terminal."""
        self.screen.print(text.translate(HARMFUL), style=style, markup=False)

    def _write(self, number: int, text: str) -> None:
        """The first of several texts as it is written, letter by letter."""
        if number == 0 and self.screen.is_terminal:
            self.streamed = True
            self.screen.print(text.translate(HARMFUL), end="", markup=False)

    def _prepare(self, done: int, total: int) -> None:
        if self._bar is None:
            self._begin = time.monotonic()
            self._open_bar()
        self._show(done / max(total, 1), _("preparing {done} of {total}").format(done=f"{done:,}", total=f"{total:,}"))
        if done >= total:
            self._close()

    def advance(self, share: float, left: float | None, line: str, losses: Mapping[str, float] | None = None) -> None:
        """Moves the bar, which is opened when there is none."""
        if self._bar is None:
            self._begin = time.monotonic()
            self._open_bar()
        shown = "  ".join(f"{_short(name)} {value:.3g}" for name, value in (losses or {}).items())
        self._show(share, f"{line}  {_('{left} left').format(left=duration(left))}".strip(), shown)

    def _edit(self, share: float, preview: "np.ndarray | str | None") -> None:
        """The bar of an operation; in a terminal with colours, the picture so far stands above it."""
        elapsed = time.monotonic() - self._begin if self._bar else 0.0
        self.advance(share, elapsed * (1 - share) / share if share > 0.02 else None, "")
        if isinstance(preview, str):
            if self._bar:
                self._bar.work = Text(preview)
        elif preview is not None and self._bar and _shows_colours(self.screen):
            self._bar.work = half_blocks(preview, _columns_for(self.screen, preview, 48))
        if share >= 1:
            self._close()

    def _open_bar(self) -> None:
        self._last_line = time.monotonic()
        bar = Easel(
            BarColumn(20, table_column=Column(min_width=20)),
            TextColumn("{task.percentage:>3.0f} %", table_column=Column(min_width=5)),
            TextColumn("{task.description}", markup=False),
            console=self.screen,
            disable=not self.screen.is_terminal,
        )
        bar.add_task("", total=1.0)
        bar.start()
        self._bar = bar

    def _show(self, share: float, line: str, losses: str = "") -> None:
        """Moves the bar, with the losses in a second row; without a terminal, writes a line now and then."""
        if self._bar and self.screen.is_terminal:
            self._bar.update(self._bar.task_ids[0], completed=share, description=f"{line}\n{losses}".rstrip())
        elif time.monotonic() - self._last_line >= QUIET_SECONDS:
            self._last_line = time.monotonic()
            self.say(f"{share:4.0%}  {line}  {losses}")

    def _close(self) -> None:
        if self._bar:
            self._bar.stop()
            self._bar = None
