"""Small pictures, and how texts begin; what is served of them is tested with the addresses."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from bottega.errors import UnreadableWork
from bottega.studio import small


def test_a_text_is_read_anew_when_it_was_changed(tmp_path: Path) -> None:
    file = tmp_path / "sea.md"
    file.write_text("The sea was grey.")
    assert small.first_words(file) == "The sea was grey."
    assert small.first_words(file, 7) == "The sea …"
    file.write_text("The boat was red.\n")
    assert small.first_words(file).startswith("The boat")


def test_what_cannot_be_read_is_said_where_nothing_may_fail(tmp_path: Path) -> None:
    (tmp_path / "odd.md").write_bytes(b"\0\xff\xfe" * 99)
    with pytest.raises(UnreadableWork):
        small.first_words(tmp_path / "odd.md")
    for file in (tmp_path / "odd.md", tmp_path / "gone.md"):
        said = small.begins(file, 500)
        assert said and str(tmp_path) not in said


def test_what_is_not_begun_is_given_up(home: Path) -> None:
    begun, over = threading.Semaphore(0), threading.Event()
    made: list[Path] = []

    def slow(to: Path, *_of: Any) -> None:
        begun.release()
        over.wait(60)
        made.append(to)

    async def ask() -> list[Any]:
        asked = [asyncio.ensure_future(small.made(slow, home, "image", f"{i:064x}")) for i in range(9)]
        await asyncio.to_thread(lambda: (begun.acquire(), begun.acquire()))
        small.leave()
        over.set()
        return await asyncio.gather(*asked, return_exceptions=True)

    answers = asyncio.run(ask())
    assert len(made) == 2 and sum(isinstance(one, BaseException) for one in answers) == 7
    assert small._going == {}
