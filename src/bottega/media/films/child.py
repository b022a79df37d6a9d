"""A child process that decodes one film, so that nothing in the file can harm or stop the one who asked.

Decoders are a million lines of C that strangers' files are fed to. The child has the file as its standard input, a
pipe, and no more: once it began it can open no file, no socket and no other process's memory; it may hold a few
gigabytes; it ends itself when nothing came out of the file for a while, and when nobody listens any more. Where it
comes from is told in ``nursery``.

The child says lines of JSON, some followed by bytes: what the film is, its frames, its sound, and how it ended.
"""

import contextlib
import faulthandler
import io
import json
import os
import sys
import time
from fractions import Fraction
from typing import Any, BinaryIO, NoReturn

import numpy as np

from bottega.errors import UnreadableWork
from bottega.language import _, language, speaking
from bottega.media.films import nursery
from bottega.media.films.nursery import GATHERED
from bottega.media.films.shapes import Shape

LIMITS = {"patience": 60.0, "memory": 6 << 30}  # seconds in which something must come out, bytes of address space


class Child:
    """The process that decodes an open file, seen from the one who asked.

    Args:
        file: an ordinary file, open for reading.
        job: what to do, see ``serve``.
    """

    def __init__(self, file: BinaryIO, job: dict[str, Any]) -> None:
        self.heard = time.monotonic()
        self.told, self.end = nursery.begin(file, job | LIMITS | {"language": language()})

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_error: object) -> None:
        self.told.close()
        self.end()

    def next(self) -> dict[str, Any]:
        """The next line. Raises UnreadableWork with the reason that the child gives, or for its sudden end."""
        line = self.told.readline(1 << 16)
        if not line.endswith(b"\n"):
            raise self._ended()
        self.heard = time.monotonic()
        told = json.loads(line)
        if "reason" in told:
            raise UnreadableWork(told["reason"])
        return told

    def fill(self, place: np.ndarray) -> None:
        """Put the bytes that follow a line into an array."""
        view = memoryview(place).cast("B")
        if self.told.readinto(view) != len(view):
            raise self._ended()

    def _ended(self) -> UnreadableWork:
        if time.monotonic() - self.heard > 0.9 * LIMITS["patience"]:
            message = _("nothing came out of it for {seconds:.0f} seconds; it is damaged, or made to do harm")
            return UnreadableWork(message.format(seconds=LIMITS["patience"]))
        return UnreadableWork(_("it brought the decoder down; it is damaged, or made to do harm"))


class Pipe:
    """The way back, seen from the child: lines and bytes, and a watch that ends the process when nothing comes."""

    def __init__(self, descriptor: int, patience: float) -> None:
        self.descriptor, self.patience = descriptor, patience
        self.waiting, self.wound = bytearray(), 0.0
        self.progress()

    def progress(self) -> None:
        """Something was read: begin to wait anew."""
        if time.monotonic() - self.wound > min(1.0, self.patience / 10):
            self.wound = time.monotonic()
            faulthandler.dump_traceback_later(self.patience, exit=True, file=2)

    def send(self, line: dict[str, Any], *content: Any) -> None:
        """A line, and the bytes that follow it."""
        self.waiting += json.dumps(line).encode() + b"\n"
        for part in content:
            view = memoryview(part).cast("B")
            if len(view) > GATHERED:
                self.flush(view)
            else:
                self.waiting += view
        if len(self.waiting) > GATHERED:
            self.flush()

    def flush(self, more: Any = b"") -> None:
        """Send all that waits, and more, however long the other side takes."""
        faulthandler.cancel_dump_traceback_later()
        for view in (memoryview(bytes(self.waiting)), memoryview(more)):
            sent = 0
            while sent < len(view):
                sent += os.write(self.descriptor, view[sent:])
        self.waiting.clear()
        self.wound = 0.0
        self.progress()


def confine(memory: int) -> None:
    """Give up what decoding does not need, where the system has such limits."""
    with contextlib.suppress(ImportError):
        import resource

        limits = (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, 0),  # a pipe is no file
            (resource.RLIMIT_NOFILE, 3),  # those that are open, and no other
            (resource.RLIMIT_AS, memory),
        )
        for limit, value in limits:
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(limit, (value, value))


def serve(job: dict[str, Any], file: BinaryIO, pipe: Pipe) -> None:
    """Decode a film.

    Args:
        job: ``kind`` (its container), ``size``, ``fit``, ``alpha``, ``rate``, ``start`` and ``seconds`` as in
            ``video.read``, times and rates as text; ``pictures`` and ``sound``: which of both are wanted.
        file: the film.
        pipe: takes ``{"rate", "shape", "expected"}``, then ``{"times"}`` with each frame and for how many ticks it is
            seen, ``{"sound"}`` with a Matroska file of that many bytes, and ``{"end"}`` with a note.
    """
    from bottega.media.films.decoders import MOVING_PICTURES, opened
    from bottega.media.films.sound import remuxed

    start, seconds = Fraction(job["start"]), Fraction(job["seconds"]) if job["seconds"] else None
    begin, note = serve_pictures(job, file, pipe, start, seconds) if job["pictures"] else (None, None)
    if job["sound"] and job["kind"] not in MOVING_PICTURES:
        pipe.progress()
        with opened(file, job["kind"]) as container:
            track = remuxed(container, begin, start, seconds)
        if track is not None:
            pipe.send({"sound": len(track)}, track)
    pipe.send({"end": note})


def serve_pictures(
    job: dict[str, Any], file: BinaryIO, pipe: Pipe, start: Fraction, seconds: Fraction | None
) -> tuple[Fraction, str | None]:
    """Send the pictures; returns when the first of them begins on the clock of the file, and the note."""
    from bottega.media.films.clock import at_rate
    from bottega.media.films.decoders import MOVING_PICTURES, film

    size = tuple(job["size"]) if isinstance(job["size"], list) else job["size"]
    shape = Shape(size, job["fit"], job["alpha"])
    if job["kind"] in MOVING_PICTURES:
        from bottega.media.films.loops import moving_picture

        opened = moving_picture(file, job["kind"], shape)
    else:
        opened = film(file, job["kind"], shape, start)
    with opened as source:
        rate = Fraction(job["rate"]) if job["rate"] else source.rate
        given = 0
        for picture, times in at_rate(source.watched(pipe.progress), rate, start, seconds):
            pixels = picture()  # (H, W, C)
            if not given:
                lasts = max((source.seconds or Fraction(0)) - start, Fraction(0))
                lasts = lasts if seconds is None else min(lasts or seconds, seconds)
                pipe.send({"rate": str(rate), "shape": pixels.shape, "expected": max(1, round(lasts * rate))})
            pipe.send({"times": times}, pixels)
            given += times
        if not given:
            raise source.nothing(start)
        return source.begin, source.note(seconds is not None and given >= round(seconds * rate))


def rehearse(kind: str) -> None:
    """Load all that decoding needs, the translations too, by doing it once: later no file can be opened."""
    import av
    import av.subtitles.stream  # which a container loads when it looks through its streams

    from bottega.media.films import decoders, sound

    decoders.damaged()
    if kind in decoders.MOVING_PICTURES:
        from PIL import Image

        from bottega.media.films import loops  # noqa: F401

        Image.init()
    options = {"video_size": "2x2", "pixel_format": "rgba"}
    with av.open(io.BytesIO(bytes(16)), "r", format="rawvideo", options=options) as container:
        frame = next(container.decode(video=0))
    shape = Shape((1, 1), "crop", True)
    shape.settle(2, 2, Fraction(1), decoders.turn_of(frame), True)
    decoders.converted(frame, shape, {})
    with av.open(io.BytesIO(), "w", format="matroska", options=sound.EXACT):
        pass


def decode(job: dict[str, Any]) -> NoReturn:
    """What the child does, whose standard input is the film and whose standard output is the way back."""
    try:
        pipe = Pipe(os.dup(1), job["patience"])
        os.dup2(2, 1)  # whatever a library prints
        with speaking(job["language"]):
            _decode(job, pipe)
        pipe.flush()
    finally:  # also when nobody listens any more
        os._exit(0)  # at once: no thread of a decoder is waited for


def _decode(job: dict[str, Any], pipe: Pipe) -> None:
    try:
        rehearse(job["kind"])
        confine(job["memory"])
        with open(0, "rb", closefd=False) as file:
            serve(job, file, pipe)
    except UnreadableWork as error:
        pipe.send({"reason": str(error)})
    except Exception as error:  # FFmpeg's and Pillow's errors are of many classes
        from bottega.media.films.decoders import damaged, no_room

        pipe.send({"reason": _("there is not enough memory to open it") if no_room(error) else damaged()})


if __name__ == "__main__":
    decode(json.loads(sys.argv[1]))
