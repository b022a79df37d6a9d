import errno
import os
import signal
import threading
import time

import pytest
import torch
from toys import TinyGAN, stop_after_step, train, weights

from bottega.errors import DataError, Interrupted, OutOfRoom
from bottega.training.events import Stepped
from bottega.training.stopping import SAME_KEY_PRESS, StopSignal, listening, plain_errors


def test_stopped_and_resumed_ends_with_the_same_weights(tmp_path):
    whole, resumed = TinyGAN(), TinyGAN()
    train(tmp_path / "whole", whole)
    with pytest.raises(Interrupted, match="step 7"):
        train(tmp_path / "run", on_event=stop_after_step(7))
    outcome = train(tmp_path / "run", resumed, resume=True)
    assert outcome.steps == 20
    assert all(torch.equal(a, b) for a, b in zip(weights(whole).values(), weights(resumed).values(), strict=True))


def test_ctrl_c_as_a_terminal_sends_it(tmp_path):
    def on_event(event):
        if isinstance(event, Stepped) and event.step == 3:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)  # torchrun passes on the same key press

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Interrupted, match="saved at step 3"):
        train(tmp_path / "run", on_event=on_event)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_stops_at_once():
    stop = StopSignal()
    stop(signal.SIGINT, None)
    time.sleep(SAME_KEY_PRESS + 0.1)
    with pytest.raises(Interrupted, match="at once"):
        stop(signal.SIGINT, None)
    stop(signal.SIGTERM, None)  # a patient supervisor may repeat itself


def test_a_thread_may_train_but_hears_no_signals(tmp_path):
    outcomes = []
    thread = threading.Thread(target=lambda: outcomes.append(train(tmp_path / "run", steps=2)))
    thread.start()
    thread.join()
    assert outcomes[0].finished


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
