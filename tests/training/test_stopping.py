import errno
import os
import signal
import threading
import time
from types import SimpleNamespace

import pytest
import torch
from toys import TinyGAN, stop_after_step, train, weights

from bottega.errors import DataError, Interrupted, OutOfRoom, UsageError
from bottega.training import stopping
from bottega.training.budget import Budget
from bottega.training.events import Finished, Previewed, Saved, Started, Stepped
from bottega.training.stopping import ENOUGH, StopSignal, ignore_enough, listening, plain_errors


def test_stopped_and_resumed_ends_with_the_same_weights(tmp_path):
    whole, resumed = TinyGAN(), TinyGAN()
    train(tmp_path / "whole", whole)
    with pytest.raises(Interrupted, match="step 7"):
        train(tmp_path / "run", on_event=stop_after_step(7))
    outcome = train(tmp_path / "run", resumed, resume=True)
    assert outcome.steps == 20
    assert all(torch.equal(a, b) for a, b in zip(weights(whole).values(), weights(resumed).values(), strict=True))


def test_ctrl_c_as_a_terminal_sends_it(tmp_path, monkeypatch):
    monkeypatch.setattr(stopping, "SAME_KEY_PRESS", 600)  # however slow the machine is

    def on_event(event):
        if isinstance(event, Stepped) and event.step == 3:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)  # torchrun passes on the same key press

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Interrupted, match="saved at step 3"):
        train(tmp_path / "run", on_event=on_event)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_stops_at_once(monkeypatch):
    stop = StopSignal()
    stop(signal.SIGINT, None)
    later = time.monotonic() + stopping.SAME_KEY_PRESS + 0.1
    monkeypatch.setattr(stopping, "time", SimpleNamespace(monotonic=lambda: later))
    with pytest.raises(Interrupted, match="at once"):
        stop(signal.SIGINT, None)
    stop(signal.SIGTERM, None)  # a patient supervisor may repeat itself


def test_a_thread_may_train_but_hears_no_signals(tmp_path):
    outcomes = []
    thread = threading.Thread(target=lambda: outcomes.append(train(tmp_path / "run", steps=2)))
    thread.start()
    thread.join()
    assert outcomes[0].progress == 1


def at_step(step, *numbers):
    def on_event(event):
        if isinstance(event, Stepped) and event.step == step:
            for number in numbers:
                os.kill(os.getpid(), number)

    return on_event


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(weights(one).values(), weights(other).values(), strict=True))


def test_enough_ends_the_run_here_as_at_its_end(tmp_path):
    ended, saved, whole, resumed, events = TinyGAN(), TinyGAN(), TinyGAN(), TinyGAN(), []

    def on_event(event):
        events.append(event)
        at_step(7, ENOUGH)(event)

    outcome = train(tmp_path / "run", ended, previews=2, on_event=on_event)
    assert (outcome.steps, outcome.progress, outcome.budget) == (7, 0.35, Budget(steps=20))
    assert not ended.training and set(outcome.losses) == {"critic.loss", "critic.real", "generator.loss"}
    assert [type(event) for event in events[-3:]] == [Previewed, Saved, Finished] and events[-1].progress == 0.35
    assert [path.name for path in sorted((tmp_path / "run" / "previews").iterdir())] == ["000000.png", "000007.png"]
    with pytest.raises(Interrupted):
        train(tmp_path / "saved", on_event=stop_after_step(7))
    later = train(tmp_path / "saved", saved, finish=True, steps=500)
    assert (later.steps, later.progress, later.budget, later.losses) == (7, 0.35, Budget(steps=20), outcome.losses)
    assert same(ended, saved)
    train(tmp_path / "whole", whole)
    train(tmp_path / "run", resumed, resume=True)
    assert same(whole, resumed) and not same(whole, ended)


def test_enough_before_the_first_step_waits_for_it(tmp_path):
    told = lambda event: os.kill(os.getpid(), ENOUGH) if isinstance(event, Started) else None  # noqa: E731
    assert train(tmp_path / "run", on_event=told).steps == 1


def test_to_stop_outweighs_enough(tmp_path):
    with pytest.raises(Interrupted, match="--finish"):
        train(tmp_path / "run", on_event=at_step(3, ENOUGH, signal.SIGTERM))


def test_nothing_learned_is_nothing_to_finish(tmp_path):
    with pytest.raises(UsageError, match="Nothing has been learned"):
        train(tmp_path / "run", finish=True)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(Interrupted):
        train(tmp_path / "run", on_event=lambda event: os.kill(os.getpid(), signal.SIGTERM))
    with pytest.raises(UsageError, match="Nothing has been learned"):
        train(tmp_path / "run", finish=True)


def test_outside_a_training_enough_is_no_reason_to_die():
    before = signal.getsignal(ENOUGH)
    try:
        ignore_enough()
        os.kill(os.getpid(), ENOUGH)
        with listening() as stop:
            os.kill(os.getpid(), ENOUGH)
            assert stop.enough and not stop.asked
        os.kill(os.getpid(), ENOUGH)
    finally:
        signal.signal(ENOUGH, before)


def test_signals_are_given_back_after_an_error():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(ValueError, match="mine"), listening():
        raise ValueError("mine")
    assert signal.getsignal(signal.SIGTERM) is before


class Greedy(TinyGAN):
    """Wants more memory than any machine has."""

    def loss_of_generator(self, batch, label, random, progress):
        return {"loss": torch.empty(1 << 50).sum()}


def test_no_memory_is_said_with_advice(tmp_path):
    with pytest.raises(OutOfRoom, match=r"training\.batch=8"):
        train(tmp_path / "run", Greedy())


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.ENOSPC, OutOfRoom), (errno.EFBIG, OutOfRoom), (errno.EROFS, DataError)]
)
def test_the_disk_s_errors(tmp_path, number, kind):
    with pytest.raises(kind, match=str(tmp_path)), plain_errors(tmp_path, 64):
        raise OSError(number, os.strerror(number))


@pytest.mark.parametrize("error", [OSError(errno.EIO, "broken"), RuntimeError("shapes do not match")])
def test_other_errors_stay_what_they_are(tmp_path, error):
    with pytest.raises(type(error)) as caught, plain_errors(tmp_path, 64):
        raise error
    assert caught.value is error
