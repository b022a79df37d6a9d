"""What a terminal shows, read back from what was written to it."""

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from bottega import terminal
from bottega.events import Written
from bottega.media import image
from bottega.training import events


def _screen(*, colour: bool) -> Console:
    system = "truecolor" if colour else None
    return Console(file=io.StringIO(), force_terminal=colour, color_system=system, width=80, highlight=False)


def _written(screen: Console) -> str:
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


def test_half_blocks_hold_two_pixels_each() -> None:
    pixels = np.zeros((4, 4, 3), dtype=np.uint8)
    pixels[::2], pixels[1::2] = (255, 0, 0), (0, 0, 255)
    screen = _screen(colour=True)
    screen.print(terminal.half_blocks(pixels, 4))
    assert _written(screen).count("38;2;255;0;0;48;2;0;0;255m▀") == 8


@pytest.mark.parametrize("colour", [True, False])
def test_a_picture_is_shown_where_there_are_colours(colour: bool, tmp_path: Path) -> None:
    image.write(tmp_path / "sheet.png", np.full((64, 64, 3), 90, dtype=np.uint8))
    screen = _screen(colour=colour)
    terminal.show_work(screen, tmp_path / "sheet.png")
    assert ("▀" in _written(screen)) is colour


@pytest.mark.parametrize(("seconds", "text"), [(None, "–"), (5, "0:05"), (125.4, "2:05"), (3723, "1:02:03")])
def test_durations(seconds: float | None, text: str) -> None:
    assert terminal.duration(seconds) == text


@pytest.mark.parametrize("colour", [True, False])
def test_a_run_is_told_from_beginning_to_end(colour: bool, tmp_path: Path) -> None:
    screen = _screen(colour=colour)
    with terminal.Watcher(screen) as watcher:
        watcher(events.Started(step=7, works=300, parameters=1_234_567, processes=2, device="cpu"))
        watcher._last_line -= terminal.QUIET_SECONDS
        watcher(events.Stepped(8, 0.25, {"flow.loss": 0.1234}, 210.0, "works", 95.0))
        watcher(events.Skipped(9, "flow"))
        watcher(events.SetAside(tmp_path / "bad", "checksum"))
        watcher(events.RolledBack(10, 5, 0.5))
        watcher(events.Previewed(11, tmp_path / "000011.png"))
        watcher(events.Finished(12, 65.0, 1.0))
    said = _written(screen)
    for part in ("1,234,567 parameters", "2 processes", "going on from step 7", "step 8", "210 works/s", "1:35 left"):
        assert part in said
    for part in (
        "flow 0.123",
        "Step 9 (flow)",
        "checksum",
        "went back from step 10 to 5",
        "Trained 12 steps in 1:05",
    ):
        assert part in said
    assert watcher.preview == tmp_path / "000011.png"


def test_names_neither_steer_the_terminal_nor_are_markup(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "rose[final][/b]\x1b]0;mine\x07.png"
    screen = _screen(colour=True)
    with terminal.Watcher(screen) as watcher:
        watcher.say(name)
        watcher(Written(0, name))
    (tmp_path / "poem.md").write_text(name)
    terminal.show_work(screen, tmp_path / "poem.md")
    terminal.print_table(("what",), [(name,)])
    for said in (_written(screen), capsys.readouterr().out):
        assert "rose[final][/b]\ufffd]0;mine\ufffd.png" in said and "\x1b]0" not in said


def test_only_the_first_process_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    assert terminal.console().quiet
    monkeypatch.setenv("RANK", "0")
    assert not terminal.console().quiet
