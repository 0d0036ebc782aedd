"""Words that read as translated, with better ones: one list for notebooks, packages and READMEs."""

from __future__ import annotations

import re
from collections.abc import Iterator

_THING = r"(?:cells?|notebooks?|files?|folders?|modules?|docstrings?|headings?|lines?|names?)"
_SLOPE = r"(?:gradients?|slopes?|derivatives?|Jacobians?|differentiate[ds]?|derives?|derived)"
_VARIABLE = (
    r"(?:[$`*]{0,2}(?:\\[a-z]+|(?!a\b)[a-z]\b(?!-))|inputs?\b|outputs?\b|weights?\b|kernels?\b|bias(?:es)?\b"
    r"|parameters?\b|logits\b|scores\b|queries\b|keys\b)"
)
_VALUE = r"(?:\d|an?|one|nothing|arrays?|numbers?|values?|lists?|strings?|tuples?|shapes?)"
_PLACE = r"(?:in(?! for)|at|above|below|beside|behind|between|there|here|outside)"

# Regular expression, ignoring case: what to write instead. Each is narrow enough for the legitimate
# use beside it: x lies between a and b, W stands for the weights, drawn behind the curve.
WORDS: dict[str, str] = {
    # the gradient by W; not: the gradient by hand, divided by B, by a central difference
    rf"\b{_SLOPE}(?: (?:of|for) [^.,;:()]{{1,40}}?)? by (?:its |the |their )?{_VARIABLE}": (
        "'with respect to'"
    ),
    r"\bmend(?:s|ed|ing)?\b": "'fix', or 'correct'",
    r"\banew\b": "'again'",
    r"\bsomebody\b": "'someone', or who it is",
    r"\ban own\b|\bown ones?\b": "'its own'",
    r"\bhands? (?:it |them |this |its \w+ |their \w+ )?on\b(?! experience)": "'pass on'",
    rf"\b{_VALUE} came\b(?! from)|\bcame(?=[,;:.](?:\s|$))": "'got', or who returned it",
    r"\btak(?:e|es|ing) up where\b": "'resume where'",
    r"\b(?:everything|all) else besides\b|\bbesides(?=[.;:])": "nothing: cut it",
    rf"\bbehind (?:this|that|the|each) (?:solution|exercise|comma|call|{_THING})\b": "'after'",
    # a table stands in a file; not: W stands for the weights, it stands in for another
    rf"\b(?:stands|stood) {_PLACE}\b|\bstand (?:in(?! for)|above|below|beside|there)\b": "'is'",
    # what lies in a folder; not: the point lies on the curve, x lies between a and b
    rf"\b(?:what|which|where|else|things|it|{_THING}) (?:lies?|lay)\b(?! (?:between|on|above))"
    r"|\blies? (?:beside|in (?:the|a|its|one) (?:folder|file|notebook|module))\b": "'is'",
    r"\bsays? otherwise\b": "what is said instead",
}
_PATTERNS = [(re.compile(words, re.IGNORECASE), better) for words, better in WORDS.items()]


def poor_words(text: str) -> Iterator[tuple[str, str]]:
    """Yield (what is written, what to write) for each word of the list; line breaks are spaces.

    Examples
    --------
    >>> list(poor_words("Run the cell anew."))
    [('anew', "'again'")]
    """
    line = " ".join(text.split())
    for pattern, better in _PATTERNS:
        for match in pattern.finditer(line):
            yield match.group(), better
