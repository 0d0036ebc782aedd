"""Text from students, made fit for files and terminals."""

from __future__ import annotations

# marks that reorder the text around them, and line ends that only some programs know
_REORDER = (0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A))
_CONTROL = dict.fromkeys((*range(32), *range(127, 160), *_REORDER), "\N{REPLACEMENT CHARACTER}")
_CONTROL.pop(ord("\n"))
_CONTROL[ord("\t")] = " "


def encodable(text: str) -> str:
    """Return a text in which lone surrogates, which no file can hold, are spelled out."""
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def printable(text: object, longest: int) -> str:
    """Return the start of a text without what would steer a terminal or reorder a line.

    Parameters
    ----------
    text : object
        A text, or what should have been one.
    longest : int
        How many characters to keep.
    """
    if type(text) is not str:
        text = str(text) if type(text) in (int, float, bool) else f"<{type(text).__name__}>"
    return encodable(text[:longest]).translate(_CONTROL)
