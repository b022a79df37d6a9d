"""What the networks of tunes hear, and that they write step by step what they would have read at once."""

import pytest
import torch

from bottega.networks.tunes import Degrees, Ear, TuneRecurrent, TuneTransformer

# tokens: 0 a word that leaves all open, 1 a bar of 12, 2-4 positions 0, 3, 6, 5-6 two parts for 6 steps, 7-9 pitches,
# 10 C major, 11 D major, 12 C minor, 13-15 pitches
LAYOUT = {
    "word": (0, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 2, 3, -1, -1, -1),
    "left": (2, -1, -1, -1, -1, -1, -1, -1, -1, 1, -1, -1, -1, -1, -1, -1),
    "key": (-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 2, 12, -1, -1, -1),
    "bar": (-1, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1),
    "position": (-1, -1, 0, 3, 6, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1),
    "part": (-1, -1, -1, -1, -1, 0, 1, -1, -1, -1, -1, -1, -1, -1, -1, -1),
    "duration": (-1, -1, -1, -1, -1, 6, 6, -1, -1, -1, -1, -1, -1, -1, -1, -1),
    "pitch": (-1, -1, -1, -1, -1, -1, -1, 60, 62, 64, -1, -1, -1, 61, 63, 66),
    "note": (-1, -1, -1, -1, -1, -1, -1, 60, 62, 64, -1, -1, -1, 61, 63, 66),
}
TUNE = [10, 1, 2, 5, 7, 6, 8, 3, 4, 5, 9, 1]


def test_an_ear_counts_what_sounds() -> None:
    ear = Ear(LAYOUT)
    place, left, pitches, lasting, heard = ear(torch.tensor([TUNE]), ear.begin(1))
    assert place[0].tolist() == [0, 0, 0, 0, 0, 0, 0, 3, 6, 6, 6, 0]
    assert left[0].tolist() == [2] * 10 + [1, 1]
    lasting = lasting - torch.tensor([0, 49])
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
    ids = torch.tensor([TUNE, [11, *TUNE[:0:-1]]])  # the key is told first
    with torch.no_grad():
        whole, _state = model(ids)
        state, parts = model.begin(2), []
        for piece in (ids[:, :3], ids[:, 3:4], *ids[:, 4:].split(1, 1)):
            logits, state = model(piece, state)
            parts.append(logits)
    assert torch.allclose(torch.cat(parts, 1), whole, atol=1e-4)


def test_a_note_is_one_thing_in_all_keys() -> None:
    degrees = Degrees(LAYOUT, 4)
    of = degrees.of_pitches
    first = of(torch.tensor([[60, 62, 64, 71]]), torch.tensor([0]))
    assert first.tolist() == [[0, 2, 4, 11]]
    assert of(torch.tensor([[62, 64, 66, 73]]), torch.tensor([2])).tolist() == first.tolist()
    assert of(torch.tensor([[60, 63, 128, -1]]), torch.tensor([12])).tolist() == [[12, 15, 24, 24]]
    assert of(torch.tensor([[60]]), degrees.begin(1)).tolist() == [[24]]  # nobody told the key
    ids = torch.tensor([[10, 7, 8], [11, 8, 9], [12, 7, 1]])
    key = degrees.key_of(ids, degrees.begin(3))
    assert key.tolist() == [0, 2, 12] and degrees.key_of(ids[:, 1:], key).tolist() == [0, 2, 12]
    told = degrees(ids, key)
    assert torch.equal(told[0, 1:], told[1, 1:]) and not torch.equal(told[0, 1], told[2, 1])
    assert (told[2, 2] == 0).all()  # a bar is no note
    likely = degrees.logits(torch.ones(3, 2, 4), key)  # (3, 2, 16)
    assert torch.equal(likely[0, 0, 7:9], likely[1, 0, 8:10]) and (likely[:, :, :7] == 0).all()


@pytest.mark.parametrize("kind", [TuneRecurrent, TuneTransformer])
def test_it_learns_a_key_from_tunes_in_other_keys(kind: type) -> None:
    torch.manual_seed(0)
    model = kind(vocabulary=16, layout=LAYOUT, width=32, layers=1)
    tunes = torch.tensor([[10, 1, 2, 5, 7, 3], [11, 1, 2, 5, 8, 3]])  # the tonic, C in C major and D in D major
    adam = torch.optim.Adam(model.parameters(), 0.01)
    for _step in range(60):
        logits, _state = model(tunes[:, :-1])
        adam.zero_grad()
        torch.nn.functional.cross_entropy(logits.flatten(0, 1), tunes[:, 1:].flatten()).backward()
        adam.step()
    other = torch.tensor([[12, 1, 2, 5]])  # of C minor it has heard nothing
    logits = model(tunes[:, :4])[0][:, 3]
    assert logits.argmax(1).tolist() == [7, 8]
    assert model(other)[0].isfinite().all()
