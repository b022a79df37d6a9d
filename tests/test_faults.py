"""How a verb ends: the exit code of what went wrong, and one sentence."""

import errno
from pathlib import Path

import pytest
import typer

from bottega.errors import BottegaError, DataError, Interrupted, OutOfRoom, UsageError
from bottega.faults import said_plainly


def _ends_with(error: BaseException) -> int:
    @said_plainly
    def verb() -> None:
        raise error

    with pytest.raises(typer.Exit) as end:
        verb()
    return end.value.exit_code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("The option is wrong."), 2),
        (DataError("The folder is empty."), 3),
        (Interrupted("Saved."), 4),
        (OutOfRoom("The disk is full."), 5),
        (KeyboardInterrupt(), 4),
        (MemoryError(), 5),
        (OSError(errno.ENOSPC, "No space left on device", "/somewhere"), 5),
        (PermissionError(errno.EACCES, "Permission denied", "/somewhere"), 3),
        (OSError(errno.ENAMETOOLONG, "File name too long", "word " * 99), 2),
    ],
)
def test_every_fault_has_its_code(error: BaseException, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert _ends_with(error) == code
    said = capsys.readouterr().err
    assert said.startswith("bottega: ") and said.count("\n") == 1
    if isinstance(error, BottegaError):
        assert str(error) in said


def test_a_fault_of_ours_is_written_down(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _ends_with(ZeroDivisionError("division by zero")) == 1
    report = next(home.glob("crash-*.txt"))
    assert str(report) in capsys.readouterr().err
    text = report.read_text(encoding="utf-8")
    assert "Traceback" in text and "ZeroDivisionError" in text
