"""Which notebook is graded, when, where, and again after a failure of the machine."""
