"""An error in a student's code, told like a failed check: their line, the shapes, the cause."""

from __future__ import annotations

from byhand.checks.causes import cause_of
from byhand.checks.failures import CheckFailed
from byhand.checks.limit import SECONDS, OutOfTime
from byhand.checks.scene import Scene, operands, scene_of

LONGEST = 400  # characters of the error's own text
WITH_SHAPES = {"ValueError", "TypeError", "IndexError", "LinAlgError", "AxisError"}


def explain(error: BaseException, *, check: str | None = None) -> CheckFailed:
    """Return what to tell about an error that a student's code raised in a check.

    Nothing of the student's is run, and whatever goes wrong here leaves out a part of the message.

    Parameters
    ----------
    error : BaseException
        With its traceback. A NotImplementedError, which a stub raises, is none to explain.
    check : str, optional
        What tracebacks call the code of the check: its lines are not the student's.

    Returns
    -------
    CheckFailed
        It says where, what Python said, what the operands were, and the likely cause.
    """
    try:
        scene = scene_of(error, check=check)
    except Exception:  # an odd exception class, a source that is gone: the error alone is told
        scene = Scene(type(error).__name__, "")
    if isinstance(error, OutOfTime):
        return _out_of_time(scene)
    return CheckFailed(
        _headline(scene),
        where=_place(scene),
        actual=error_line(scene.kind, scene.message),
        likely=likely(scene),
    )


def _out_of_time(scene: Scene) -> CheckFailed:
    """Return what to tell about a check that was stopped after its time."""
    who = scene.function or ("your code" if scene.theirs else "this check")
    loop = f"it was in the `while` loop of line {scene.loop}: does its condition ever become False?"
    return CheckFailed(
        f"{who} had not finished after {SECONDS:g} seconds, so the check was stopped",
        where=_place(scene),
        likely=loop if scene.theirs and scene.loop else None,
    )


def likely(scene: Scene) -> str | None:
    """Return the cause of an error, if a rule knows it."""
    try:
        return cause_of(scene)
    except Exception:  # a rule that stumbles over odd data says nothing
        return None


def _shapes(scene: Scene) -> str | None:
    try:
        return operands(scene) if scene.kind in WITH_SHAPES else None
    except Exception:
        return None


def _headline(scene: Scene) -> str:
    who = scene.function or "your code" if scene.theirs else "this check"
    return f"{who} raises {scene.kind}"


def _place(scene: Scene) -> str | None:
    if not scene.line:
        return None
    cell = "its cell" if scene.theirs else "the check"
    shapes = _shapes(scene)
    known = f", where {shapes}" if shapes else ""
    return f"line {scene.number} of {cell}: `{scene.line}`{known}"


def error_line(kind: str, message: str) -> str:
    """Return an error as the last line of a traceback tells it, cut to a few lines."""
    text = f"{kind}: {message}" if message else kind
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
