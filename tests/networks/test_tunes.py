"""What the networks of tunes hear, and that they write step by step what they would have read at once."""

import pytest
import torch

from bottega.networks.tunes import Ear, TuneRecurrent, TuneTransformer

# tokens: 0 a word that leaves all open, 1 a bar of 12, 2-4 positions 0, 3, 6, 5-6 two parts for 6 steps, 7-9 pitches
LAYOUT = {
    "word": (0, -1, -1, -1, -1, -1, -1, -1, -1, -1),
    "left": (2, -1, -1, -1, -1, -1, -1, -1, -1, 1),
    "bar": (-1, 12, -1, -1, -1, -1, -1, -1, -1, -1),
    "position": (-1, -1, 0, 3, 6, -1, -1, -1, -1, -1),
    "part": (-1, -1, -1, -1, -1, 0, 1, -1, -1, -1),
    "duration": (-1, -1, -1, -1, -1, 6, 6, -1, -1, -1),
    "pitch": (-1, -1, -1, -1, -1, -1, -1, 60, 62, 64),
}
TUNE = [0, 1, 2, 5, 7, 6, 8, 3, 4, 5, 9, 1]


def test_an_ear_counts_what_sounds() -> None:
    ear = Ear(LAYOUT)
    place, left, pitches, lasting, heard = ear(torch.tensor([TUNE]), ear.begin(1))
    assert place[0].tolist() == [0, 0, 0, 0, 0, 0, 0, 3, 6, 6, 6, 0]
    assert left[0].tolist() == [2] * 10 + [1, 1]
    pitches, lasting = pitches - torch.tensor([0, 129]), lasting - torch.tensor([0, 49])
    assert pitches[0, 3].tolist() == [128, 128]  # nothing sounded yet
    assert pitches[0, 7].tolist() == [60, 62] and lasting[0, 7].tolist() == [3, 3]
    assert lasting[0, 8].tolist() == [0, 0]
    assert pitches[0, 10].tolist() == [64, 62] and lasting[0, 10].tolist() == [6, 0]
    assert heard[0].item() == 12  # the second bar has begun


@pytest.mark.parametrize("kind", [TuneRecurrent, TuneTransformer])
def test_one_by_one_is_all_at_once(kind: type) -> None:
    torch.manual_seed(0)
    model = kind(vocabulary=16, layout=LAYOUT, width=32, layers=2).eval()
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.2)
    ids = torch.tensor([TUNE, TUNE[::-1]])
    with torch.no_grad():
        whole, _state = model(ids)
        state, parts = model.begin(2), []
        for piece in (ids[:, :3], ids[:, 3:4], *ids[:, 4:].split(1, 1)):
            logits, state = model(piece, state)
            parts.append(logits)
    assert torch.allclose(torch.cat(parts, 1), whole, atol=1e-4)
