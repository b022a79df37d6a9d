"""What can go wrong, as one small tree.

Every class carries the exit code with which the command line ends; the message is one plain sentence that says what
was wrong, where, and what to do.
"""

import errno

NO_ROOM = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""How the operating system says that a disk is full; Windows knows no quotas."""
NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}
"""How it says that a place cannot be written."""


class BottegaError(Exception):
    """Anything Bottega says to a person instead of showing a traceback."""

    exit_code = 2


class UsageError(BottegaError):
    """An option, a name or a combination that makes no sense."""


class DataError(BottegaError):
    """A folder, file or model that cannot be used."""

    exit_code = 3


class UnreadableWork(DataError):
    """One work that cannot be read; inside a folder it is skipped and listed with this reason."""


class Interrupted(BottegaError):
    """The person stopped the run; everything up to the last finished step is saved."""

    exit_code = 4


class OutOfRoom(BottegaError):
    """Memory or disk ran out; the last good state is kept."""

    exit_code = 5


class TrainingFailed(BottegaError):
    """The numbers stopped being finite and going back did not help."""

    exit_code = 3
