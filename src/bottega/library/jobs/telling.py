"""What a job tells those who watch it from afar: events of a verb as lines in its journal, and its row kept fresh."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bottega import home, terminal
from bottega.events import Editing, Preparing, Said, Written
from bottega.language import _
from bottega.library.jobs.journal import Journal
from bottega.training import events

if TYPE_CHECKING:
    import numpy as np

Put = Callable[[dict[str, Any]], None]
"""Takes values for the row."""

LINES = 3600
"""Lines of progress in the first so many seconds, and as many for each time the job gets e times as old: a night of
training fills some megabytes, and is still shown every few seconds."""
PIECES = 0.25
"""Seconds between two pieces of a text that is being written."""


class Teller:
    """Listens to a verb. Nothing that goes wrong here is worth the work itself, so nothing is raised."""

    def __init__(self, folder: Path, journal: Journal, put: Put) -> None:
        self.folder, self.journal, self.put = folder, journal, put
        self._begin = time.monotonic()
        self._told = self._drawn = self._spoke = float("-inf")
        self._edits = 0.0
        self._pieces: dict[int, str] = {}

    def __call__(self, event: object) -> None:
        try:
            self._tell(event)
        except Exception:  # a full disk, a picture that cannot be drawn: the work goes on
            return

    def close(self) -> None:
        """What is still to be told."""
        self._flush()

    def _tell(self, event: object) -> None:
        match event:
            case Editing():
                self._edits = self._edits or time.monotonic()
                elapsed = time.monotonic() - self._edits
                left = elapsed * (1 - event.share) / event.share if event.share > 0.02 and elapsed else None
                self._progress(event.share, left, "")
                self._draw(event.preview)
            case Preparing():
                line = _("preparing {done} of {total}").format(done=f"{event.done:,}", total=f"{event.total:,}")
                self._progress(None, None, line, last=event.done >= event.total)
            case Written():
                self._pieces[event.number] = self._pieces.get(event.number, "") + event.text
                if time.monotonic() - self._spoke >= PIECES:
                    self._flush()
            case events.Stepped():
                line = terminal.step_line(event)
                more = {"step": event.step, "losses": event.losses}
                self._progress(event.progress, event.seconds_left, line, **more)
            case events.Previewed() if event.path is not None:
                name = f"preview-{event.path.name}"
                shutil.copyfile(event.path, self.folder / name)
                self.journal.write("preview", file=name, step=event.step)
            case _:
                self._say(event)

    def _say(self, event: object) -> None:
        said = home.brief(event.text if isinstance(event, Said) else terminal.sentence(event) or "")
        if said:
            self.journal.write("said", text=said)
            self.put({"message": said})

    def _progress(self, share: float | None, left: float | None, line: str, last: bool = False, **more: Any) -> None:
        self.put({"progress": share, "left": left} | ({"message": line} if line else {}))
        now = time.monotonic()
        if last or share == 1 or now - self._told >= max(1.0, (now - self._begin) / LINES):
            self._told = now
            self.journal.write("progress", share=share, left=left, line=line, **more)

    def _draw(self, preview: "np.ndarray | str | None") -> None:
        """The work so far as ``preview.png`` or ``preview.txt``, at most once a second."""
        if preview is None or time.monotonic() - self._drawn < 1:
            return
        self._drawn = time.monotonic()
        name = "preview.txt" if isinstance(preview, str) else "preview.png"
        beside = self.folder / f".writing-{name}"
        if isinstance(preview, str):
            beside.write_text(preview, encoding="utf-8")
        else:
            from bottega.media import image

            image.write(beside, preview)
        beside.replace(self.folder / name)  # whoever looks meanwhile sees the one before, whole
        self.journal.write("preview", file=name)

    def _flush(self) -> None:
        self._spoke = time.monotonic()
        for number, text in self._pieces.items():
            self.journal.write("written", number=number, text=text)
        self._pieces.clear()
