"""The checks of the exercises: a package for each chapter, a function for each check.

A check takes the student's functions and the number of a draw: 0 is what students see, a hidden
test repeats the same promise on other numbers. It raises `CheckFailed` unless the promise is kept.
`byhand.checks.show` prints a check's source. While grading, an answer can't import this package.
"""
