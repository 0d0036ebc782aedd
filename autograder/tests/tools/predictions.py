"""What a text gives away of the answer to an explorer's question."""

from __future__ import annotations

import re

from byhand.explorers.predictions import Answer, Choose, Prediction

__all__ = ["says"]

NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:[.,]\d+)*(?:e[-−+]?\d+)?(?![\w])")
NO_WORDS = re.compile(r'src="[^"]*"|style="[^"]*"|(width|height)="\d+"')


def says(words: str, prediction: Prediction, truth: Answer) -> bool:
    """Return whether a text or page contains the answer: the option, or the number."""
    if isinstance(prediction, Choose):
        return str(truth).lower() in words.lower()
    found = (
        each.replace("−", "-").replace(",", "") for each in NUMBER.findall(NO_WORDS.sub("", words))
    )
    answer = prediction.written(abs(float(truth)))
    return any(prediction.written(abs(float(number))) == answer for number in found)
