import numpy as np
import pytest
import torch
from tests.objectives.test_autoregressive import objective

from bottega.networks.recurrent import Lstm, Recurrent
from bottega.networks.transformer import Transformer
from bottega.objectives.autoregressive import Autoregressive
from bottega.objectives.decoding import Echo, write
from bottega.randomness import Random

FREE = {"temperature": 1.0, "min_p": 0.0, "repeat": 0}


class Counts:
    """Only tokens from 20 on, and five of them."""

    def __init__(self) -> None:
        self.taken: list[int] = []

    @property
    def done(self) -> bool:
        return len(self.taken) == 5

    def allowed(self) -> np.ndarray:
        return np.arange(40) >= 20

    def take(self, token: int) -> None:
        self.taken.append(token)


@pytest.mark.parametrize("network", [Transformer, Recurrent, Lstm])
def test_the_likeliest_is_what_the_network_says(network):
    writer = objective(network=network)
    opening = writer.opening(np.array([20, 21, 22]))
    (text,) = write(writer, [opening], Random(0), length=30, temperature=0, repeat=0)
    ids = opening.tolist()
    for _step in range(12):  # within the context of the Transformer, 16
        with torch.no_grad():
            logits = writer.model(torch.tensor([ids]))[0][0, -1]
        logits[[0, 2, 3, 4, 5]] = -torch.inf
        ids.append(int(logits.argmax()))
    assert text.tolist()[: len(ids) - 4] == [n for n in ids[4:] if n != 1]


def test_same_seed_same_texts_and_other_seed_others():
    writer = objective()
    openings = [writer.opening(np.array([20]))] * 3
    one, same, other = (write(writer, openings, Random(seed), length=20, **FREE) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert any(not np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert not np.array_equal(one[0], one[1])


def test_openings_of_any_length_are_carried_on():
    writer = objective()
    openings = [writer.opening(np.arange(10, 10 + n)) for n in (1, 7, 30)]
    together = write(writer, openings, Random(0), length=8, temperature=0, repeat=0)
    for opening, text in zip(openings, together, strict=True):
        (alone,) = write(writer, [opening], Random(0), length=8, temperature=0, repeat=0)
        assert np.array_equal(alone, text)


def test_no_special_token_is_written_and_none_after_the_end():
    writer, told = objective(2), []
    openings = [writer.opening(np.array([], int), 0)] * 8
    texts = write(writer, openings, Random(0), length=60, on_token=lambda i, n: told.append((i, n)), **FREE)
    assert all((text > 7).all() for text in texts)
    assert {len(text) for text in texts} != {60}  # some ended by themselves
    for i, text in enumerate(texts):
        assert [n for j, n in told if j == i] == text.tolist()


def test_forms_are_kept():
    writer, forms = objective(), [Counts(), None, Counts()]
    texts = write(writer, [writer.opening(np.array([9]))] * 3, Random(0), length=30, constraints=forms, **FREE)
    for text, form in zip(texts, forms, strict=True):
        if form:
            assert len(text) == 5 and (text >= 20).all() and text.tolist() == form.taken


def test_some_tokens_are_never_written_unless_a_form_leaves_no_other():
    writer = objective()
    opening = writer.opening(np.array([9]))
    text = np.concatenate(write(writer, [opening] * 8, Random(0), length=60, never=range(6, 30), **FREE))
    assert len(text) and (text >= 30).all()
    (text,) = write(writer, [opening], Random(0), length=9, never=range(20, 40), constraints=[Counts()], **FREE)
    assert len(text) == 5 and (text >= 20).all()


def test_guidance_goes_where_the_class_leads():
    writer = objective(2)
    opening = writer.opening(np.array([], int), 1)
    with torch.no_grad():
        steered, free = (writer.model(torch.tensor([[0, k]]))[0][0, -1].log_softmax(0) for k in (7, 5))
    for guidance in (0.0, 1.0, 3.0):
        logits = free + guidance * (steered - free)
        logits[[0, 1, *range(2, 8)]] = -torch.inf

        class NoEnd(Counts):
            def allowed(self) -> np.ndarray:
                return np.arange(40) != 1

        (text,) = write(
            writer, [opening], Random(0), length=1, temperature=0, repeat=0, guidance=guidance, constraints=[NoEnd()]
        )
        assert text[0] == int(logits.argmax())


def test_only_likely_tokens():
    torch.manual_seed(0)

    class Fixed(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))

        def begin(self, n):
            return None

        def forward(self, ids, state=None):
            p = torch.tensor([0, 0, 0, 0, 0, 0, 0.5, 0.3, 0.15, 0.05])
            return p.log().expand(*ids.shape, 10), state

    special = {"bos": 0, "eos": 1, "pad": 2, "gap": 3, "middle": 4, "any": 5}
    writer = Autoregressive(model=Fixed(), special=special)

    def shares(**controls) -> list[float]:
        (text,) = write(writer, [np.array([0])], Random(0), length=2000, repeat=0, **controls)
        return [round(float((text == n).mean()), 1) for n in range(6, 10)]

    assert shares(temperature=1, min_p=0) == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=0.06)
    assert shares(temperature=1, min_p=0, top_p=0.75) == [0.6, 0.4, 0, 0]
    assert shares(temperature=1, min_p=0.4) == [0.6, 0.4, 0, 0]
    assert shares(temperature=0) == [1, 0, 0, 0]


def test_loops_become_unlikely():
    echo = Echo(3)
    for token in [1, 2, 3, 4, 5, 9, 1, 2]:
        echo.take(token)
        assert echo.penalties() == []
    echo.take(3)
    ((token, first),) = echo.penalties()
    echo.take(4)
    ((following, second),) = echo.penalties()
    assert (token, following) == (4, 5) and second > first > 0
    assert Echo(0).penalties() == []


def test_a_loop_ends():
    writer = objective()
    (text,) = write(writer, [writer.opening(np.array([20]))], Random(0), length=300, temperature=0, repeat=4)
    (loop,) = write(writer, [writer.opening(np.array([20]))], Random(0), length=300, temperature=0, repeat=0)
    grams = lambda ids: len({tuple(ids[i : i + 8]) for i in range(len(ids) - 8)}) / max(1, len(ids) - 8)  # noqa: E731
    assert len(loop) < 20 or grams(text) > 2 * grams(loop)
