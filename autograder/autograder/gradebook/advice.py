"""What to do about a database that fails, in one line."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from autograder.errors import UserError


def explain(error: SQLAlchemyError, name: str) -> UserError:
    """Return what to tell the user.

    Parameters
    ----------
    error
        What the database said.
    name
        How messages call the gradebook.
    """
    reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    advice = next((advice for sign, advice in _ADVICE if sign in reason.lower()), _OTHERWISE)
    return UserError(f"{name}: {reason}. {advice}")


_ADVICE = (
    ("is locked", "Another program is writing to it: close that one and run the command again."),
    ("is full", "Free some space and run the command again; what was finished is kept."),
    ("no space", "Free some space and run the command again; what was finished is kept."),
    ("disk i/o", "Check that the disk works and has space, then run the command again."),
    ("readonly", "Make it and its folder writable, then run the command again."),
    ("permission denied", "Make it writable for you, then run the command again."),
    ("unable to open", "Check that its folder exists and is writable, then run the command again."),
    ("password", "Put the password into ~/.pgpass or PGPASSWORD."),
    ("connect", "Check that the server runs and that the URL is right."),
    ("not a database", "Replace it with a working copy, or move it away and grade again."),
)
_OTHERWISE = "Fix that and run the command again; what was finished is kept."
