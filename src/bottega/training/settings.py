"""What a person may choose about training, and what a run remembers from one process to the next."""

from dataclasses import dataclass

from bottega.errors import UsageError
from bottega.language import _
from bottega.training.budget import Budget


@dataclass(frozen=True)
class TrainingSettings:
    """The numbers of the loop that belong to no objective.

    Attributes:
        batch: works in one step, over all processes together.
        ema: half-life of the average of the weights as a share of the works seen so far (0 = no averaging).
        previews: pictures of the time-lapse, at even intervals of progress, first and last included (0 = none).
        checkpoint_minutes: minutes between two checkpoints.
        seed: everything random follows from it.
        tensorboard: also write TensorBoard scalars.
        report_seconds: seconds between two lines of the log; 0 writes one for every step.
    """

    batch: int = 64
    ema: float = 0.05
    previews: int = 12
    checkpoint_minutes: float = 1.0
    seed: int = 0
    tensorboard: bool = False
    report_seconds: float = 0.5

    def __post_init__(self) -> None:
        if self.batch < 1:
            raise UsageError(_("A batch needs at least 1 work; it is {batch}.").format(batch=self.batch))
        if not 0 <= self.ema <= 1:
            raise UsageError(_("ema is a share between 0 and 1; it is {ema}.").format(ema=self.ema))
        if self.previews < 0 or self.checkpoint_minutes < 0 or self.report_seconds < 0:
            raise UsageError(_("previews, checkpoint_minutes and report_seconds cannot be negative."))

    def essential(self) -> dict[str, int | float]:
        """What decides the weights: a resumed run has to have the same."""
        return {"batch": self.batch, "ema": self.ema, "seed": self.seed}


@dataclass
class State:
    """What a checkpoint remembers besides tensors; all else is a pure function of it."""

    step: int = 0
    works: int = 0
    seconds: float = 0.0
    rollbacks: int = 0
    previews: int = 0
    reserve: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        steps, works_seen: over the whole run, interruptions included.
        seconds: time used, interruptions not included.
        losses: the last values reported, ``"<phase>.<name>"``.
        budget: what the run was planned for, by which its schedules went.
        progress: how much of that it came through: 1 at its end, less when somebody had seen enough.
    """

    steps: int
    works_seen: int
    seconds: float
    losses: dict[str, float]
    budget: Budget
    progress: float
