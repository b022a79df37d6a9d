"""The keys of a start."""

import os
import stat

import pytest

pytest.importorskip("psutil", reason="needs the extra “studio”")

from bottega import home
from bottega.errors import UsageError
from bottega.studio.safety import keys


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.9", "::", "studio.example", ""])
def test_it_listens_elsewhere_only_with_a_password(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(keys.PASSWORD, raising=False)
    with pytest.raises(UsageError, match=keys.PASSWORD):
        keys.new(host)
    with pytest.raises(UsageError, match="too short"):
        keys.new(host, "short")
    monkeypatch.setenv(keys.PASSWORD, "a long password")
    secret = keys.new(host)
    assert secret.password == "a long password"
    assert "password" not in repr(secret).replace("BOTTEGA_PASSWORD", "") and secret.token not in repr(secret)
    keys.leave(secret)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.1.2.3"])
def test_this_machine_needs_none(host: str) -> None:
    secret = keys.new(host, "")
    keys.leave(secret)


def test_every_start_has_its_own_keys_and_its_own_folder() -> None:
    one, other = keys.new(), keys.new()
    assert len({one.token, one.cookie, other.token, other.cookie}) == 4
    assert one.folder != other.folder
    assert stat.S_IMODE(one.folder.stat().st_mode) == 0o700
    keys.leave(one)
    assert not one.folder.exists() and other.folder.exists()
    keys.leave(other)


def test_folders_of_starts_that_were_cut_short_are_cleared_away() -> None:
    left = home.cache() / "studio" / "999999999-abc"
    running = home.cache() / "studio" / f"{os.getpid()}-abc"
    left.mkdir(parents=True)
    running.mkdir()
    keys.leave(keys.new())
    assert not left.exists() and running.exists()


def test_the_address_lets_in_on_this_machine() -> None:
    secret = keys.new()
    assert keys.opened(secret, "127.0.0.1", 7860) == f"http://127.0.0.1:7860/?token={secret.token}"
    assert keys.opened(secret, "0.0.0.0", 7860).startswith("http://127.0.0.1:7860/")
    assert keys.opened(secret, "::1", 7860).startswith("http://[::1]:7860/")
    keys.leave(secret)


def test_gradio_is_told_where_its_files_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ) | {keys.PASSWORD: "a long password", "GRADIO_SHARE": "1"})
    secret = keys.new()
    keys.settle(secret)
    assert os.environ["GRADIO_TEMP_DIR"] == str(secret.folder)
    assert keys.PASSWORD not in os.environ  # what is started from here need not know it
    assert "GRADIO_SHARE" not in os.environ
    keys.leave(secret)


def test_whoever_tries_in_vain_waits() -> None:
    now = [0.0]
    turnstile = keys.Turnstile(lambda: now[0])
    for _try in range(keys.FAILURES):
        assert turnstile.wait("a") == 0
        turnstile.failed("a")
    assert turnstile.wait("a") > 0 and turnstile.wait("b") == 0
    now[0] = keys.PAUSE + 1
    assert turnstile.wait("a") == 0
    for number in range(keys.ALL_FAILURES):  # from many addresses, one each
        turnstile.failed(str(number))
    assert turnstile.wait("somebody else") > 0
    now[0] *= 3
    assert turnstile.wait("somebody else") == 0 and turnstile.failures == {}
