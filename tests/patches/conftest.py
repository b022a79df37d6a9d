import pytest
import torch

from bottega.patches import resize
from bottega.randomness import Random


@pytest.fixture
def picture():
    """A picture with large and small parts: smooth blotches, a dark bar, a light disc, (3, 40, 56) in [0, 1]."""
    random = Random(5, "picture")
    x = 0.5 + 0.25 * resize(random.normal(3, 6, 8), (40, 56)) + 0.05 * resize(random.normal(3, 20, 28), (40, 56))
    x[:, 8:36, 10:15] = 0.1
    rows, columns = torch.arange(40)[:, None], torch.arange(56)[None]
    x[:, (rows - 14) ** 2 + (columns - 40) ** 2 < 60] = 0.9
    return x.clamp(0, 1)
