"""Helpers of the course *Backprop by Hand*: differences, checks, explorers, progress."""
