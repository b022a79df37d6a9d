"""Works are signed, the signature says what the record says, and a change is seen."""

import stat
import sys
from fractions import Fraction

import numpy as np
import pytest

from bottega.errors import DataError, UsageError
from bottega.media import kinds
from bottega.media.audio import Sound
from bottega.media.video import Film
from bottega.provenance import credentials
from bottega.provenance.record import sha256

RECORD = {"schema": 1, "operation": "generate", "digital_source_type": "trainedAlgorithmicMedia", "标题": "海"}
PICTURE = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
SOUND = Sound(np.random.default_rng(0).normal(0, 0.1, (1, 4000)).astype(np.float32), 8000)
WORKS = {
    **dict.fromkeys((".png", ".jpg", ".webp"), PICTURE),
    **dict.fromkeys((".wav", ".flac", ".mp3"), SOUND),
    **dict.fromkeys((".gif", ".mp4", ".mov"), Film(np.stack([PICTURE, 255 - PICTURE]), Fraction(12))),
}


@pytest.fixture
def ada(monkeypatch, tmp_path):
    """Somebody who signs."""
    pytest.importorskip("c2pa", reason="needs the package c2pa-python")
    monkeypatch.setenv("BOTTEGA_HOME", str(tmp_path / "home"))
    return credentials.create("Ada Lovelace")


@pytest.mark.parametrize("ending", WORKS)
def test_a_signed_work_is_the_same_work(ada, tmp_path, ending):
    path = tmp_path / f"work{ending}"
    kinds.write(path, WORKS[ending], RECORD)
    before, unsigned = kinds.read(path), sha256(path)
    assert credentials.sign(path, RECORD)
    after = kinds.read(path)
    parts = [getattr(one, "samples", getattr(one, "frames", one)) for one in (before, after)]
    assert np.array_equal(*parts) and kinds.read_record(path) == RECORD
    found = credentials.credentials(path)
    assert found == credentials.Credentials("Ada Lovelace", True, unsigned)
    assert credentials.digest(path) == unsigned != sha256(path)


def test_a_change_is_seen(ada, tmp_path):
    path = tmp_path / "work.wav"
    kinds.write(path, SOUND, RECORD)
    credentials.sign(path, RECORD)
    content = bytearray(path.read_bytes())
    at = content.index(b"data") + 100
    content[at] ^= 1
    path.write_bytes(content)
    found = credentials.credentials(path)
    assert not found.intact and "mismatch" in found.why[0]
    assert credentials.digest(path) == sha256(path)  # what it says of itself is not believed any more


def test_a_name_cannot_write_over_what_a_terminal_shows(monkeypatch, tmp_path):
    pytest.importorskip("c2pa", reason="needs the package c2pa-python")
    monkeypatch.setenv("BOTTEGA_HOME", str(tmp_path / "home"))
    credentials.create("Ada \x1b[2KLovelace")
    path = tmp_path / "work.png"
    kinds.write(path, PICTURE, RECORD)
    assert credentials.sign(path, RECORD)
    found = credentials.credentials(path)
    assert found.by == "Ada  [2KLovelace" and found.by in found.said and found.said.isprintable()


def test_a_file_without_a_signature_needs_no_package(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "c2pa", None)
    path = tmp_path / "work.png"
    kinds.write(path, PICTURE, RECORD)
    assert credentials.credentials(path) is None
    path.write_bytes(path.read_bytes() + b"c2pa")
    with pytest.raises(UsageError, match="c2pa-python"):
        credentials.credentials(path)


def test_without_an_identity_nothing_is_signed(monkeypatch, tmp_path):
    monkeypatch.setenv("BOTTEGA_HOME", str(tmp_path / "home"))
    path = tmp_path / "work.png"
    kinds.write(path, PICTURE, RECORD)
    assert not credentials.sign(path, RECORD) and credentials.credentials(path) is None
    with pytest.raises(DataError, match="does not exist"):
        credentials.credentials(tmp_path / "nothing.png")


def test_a_key_is_made_once_and_is_private(ada):
    assert stat.S_IMODE((ada / "key.pem").stat().st_mode) == 0o600
    with pytest.raises(UsageError, match="already"):
        credentials.create("Somebody else")
