"""Releases, grades and tests the course *Backprop by Hand*."""

ENGINE = "1"  # raised when the same submission may get another verdict: all is graded again then
