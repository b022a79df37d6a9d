import os
import signal
import sys

import pytest

from bottega.errors import DataError, UsageError
from bottega.training.lock import locked

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="holds the lock in a fork")


@pytest.fixture
def holder(tmp_path):
    """A living process that holds the lock of ``tmp_path``."""
    reader, writer = os.pipe()
    number = os.fork()
    if not number:
        with locked(tmp_path):
            os.write(writer, b"!")
            signal.pause()
        os._exit(0)
    os.read(reader, 1)
    yield number
    os.kill(number, signal.SIGKILL)
    os.waitpid(number, 0)
    os.close(reader)
    os.close(writer)


def test_a_second_process_is_refused_with_the_first_ones_number(tmp_path, holder):
    with pytest.raises(UsageError, match=str(holder)), locked(tmp_path):
        pass


def test_the_lock_of_a_killed_process_is_taken_over(tmp_path):
    number = os.fork()
    if not number:
        with locked(tmp_path):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(number, 0)
    assert str(number) in (tmp_path / "lock.json").read_text()
    with locked(tmp_path):
        assert str(os.getpid()) in (tmp_path / "lock.json").read_text()
    with locked(tmp_path):  # and it was given back
        pass


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DataError, match="Cannot write"), locked(tmp_path / "file" / "run"):
        pass


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="root becomes someone else for a moment")
def test_a_read_only_folder(tmp_path):
    os.seteuid(65534)
    try:
        with pytest.raises(DataError, match="Cannot write"), locked(tmp_path / "run"):
            pass
    finally:
        os.seteuid(0)
