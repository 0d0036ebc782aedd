"""Errors that several rooms share."""


class UserError(Exception):
    """Something the user can fix, in one line: what, where, what to do.

    The command line prints the message alone and ends with `status`; any other exception is a
    bug in this program.

    Examples
    --------
    >>> str(UserError("notes.txt: not a notebook. Hand in the .ipynb file."))
    'notes.txt: not a notebook. Hand in the .ipynb file.'
    """

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(" ".join(message.split()))
        self.status = status


class StepFailed(Exception):
    """A step of nbgrader failed on one notebook; the message is the reason in one line."""


class EngineFault(Exception):
    """The machine, not the student, kept a notebook from being examined.

    Parameters
    ----------
    reason : str
        What happened.
    position : int, optional
        Of the code cell at which it happened.
    """

    def __init__(self, reason: str, position: int | None = None) -> None:
        super().__init__(reason)
        self.position = position
