"""The wire between two processes: which values cross, how, and within what bounds.

`channel` sends and receives messages, `values` says what is in them, `changes` tells what a call
changed in its arguments.
"""
