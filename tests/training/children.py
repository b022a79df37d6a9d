"""Reads tasks from stdin and does each in a fork, so that torch is imported once for all of them.

A task: ``folder``, ``recipe`` (a toy without), ``resume``, ``failpoint`` (where the child kills itself), ``kill_at``
(the step after which it does), ``wishes`` (for ``toys.train``). Writes the list of signals that ended the children.
"""

import json
import os
import signal
import sys
from pathlib import Path

import torch
import torch._dynamo  # every optimizer wants it; imported here, the children need not
from toys import train, train_recipe

from bottega.training.events import Event, Stepped


def child(task: dict) -> None:
    """Train as told; kill -9 where told."""
    os.environ["BOTTEGA_FAILPOINT"] = task.get("failpoint", "")

    def on_event(event: Event) -> None:
        if isinstance(event, Stepped) and event.step == task.get("kill_at"):
            os.kill(os.getpid(), signal.SIGKILL)

    wishes = {"on_event": on_event, "resume": task.get("resume", False)} | task.get("wishes", {})
    if "recipe" in task:
        train_recipe(Path(task["folder"]), task["recipe"], **wishes)
    else:
        train(Path(task["folder"]), **wishes)


def main() -> None:
    """One fork for each task."""
    torch.set_num_threads(1)
    ended = []
    for task in json.load(sys.stdin):
        number = os.fork()
        if not number:
            try:
                child(task)
            except BaseException as error:
                sys.stderr.write(f"{type(error).__name__}: {error}\n")
                os._exit(1)
            os._exit(0)
        status = os.waitpid(number, 0)[1]
        ended.append(os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status))
    print(json.dumps(ended))


if __name__ == "__main__":
    main()
