"""A chapter's warm-up and closing quiz: ungraded questions, each with numbers drawn for it.

``quiz.warm_up("1_derivatives")`` asks three questions about what comes before the chapter,
``quiz.show("1_derivatives")`` five about the chapter itself. Each chapter's questions are in a
module of their own. Where a front end shows no buttons, ``quiz.answer(1, "b")`` answers.
"""

from byhand.quiz.play import another, answer, show, warm_up

__all__ = ["another", "answer", "show", "warm_up"]
