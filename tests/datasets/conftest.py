import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from pictures import write_pictures


@pytest.fixture
def works(tmp_path) -> Path:
    return write_pictures(tmp_path / "works", 30)


@pytest.fixture
def cache(tmp_path) -> Path:
    return tmp_path / "cache"
