"""How the studio opens."""

import os
import socket
import threading
import webbrowser
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="needs the extra “studio”")

from bottega.errors import UsageError
from bottega.studio import opening
from bottega.studio.safety import guard, seal


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Where it would listen: it does not begin to, and the process stays unsealed."""
    places: list[tuple[str, int]] = []
    monkeypatch.setattr(seal, "close", lambda: None)
    monkeypatch.setattr(guard, "settle", lambda _secret: None)
    monkeypatch.setattr(opening._Server, "run", lambda _self, sockets: places.append(sockets[0].getsockname()))
    return places


def test_the_next_free_port_is_taken(served: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        opening.run(port=port, open_page=False)
    assert port < served[0][1] < port + opening.TRIED
    assert f"http://127.0.0.1:{served[0][1]}/?token=" in capsys.readouterr().out


def test_no_free_port_is_a_sentence(served: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "TRIED", 1)
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UsageError, match="--port"):
        opening.run(port=taken.getsockname()[1], open_page=False)


def test_a_browser_that_does_not_come_back_holds_nothing_up(served: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    opened, closed = [], threading.Event()
    monkeypatch.setattr(webbrowser, "open", lambda address: opened.append(address) or closed.wait(60))
    opening.run(port=0)
    assert len(served) == 1 and not closed.is_set()
    closed.set()
    assert opened[0].startswith("http://127.0.0.1:")


def test_nothing_of_a_start_stays_behind(served: list[Any], home: Path) -> None:
    opening.run(port=0, open_page=False)
    assert os.listdir(home / "cache" / "studio") == []
