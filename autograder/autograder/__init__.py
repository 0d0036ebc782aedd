"""Releases, grades and tests the course *Backprop by Hand*."""
