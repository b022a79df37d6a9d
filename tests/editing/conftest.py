import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bottega import editing

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def negative(monkeypatch):
    """An operation “negative” in the catalogue."""
    monkeypatch.setitem(editing.OPERATIONS["image"], "negative", "negative:NEGATIVE")
    return editing.find("negative")


@pytest.fixture
def cat(tmp_path):
    """A small picture that is nowhere alike."""
    pixels = np.random.default_rng(1).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "cat.png")
    return tmp_path / "cat.png"
