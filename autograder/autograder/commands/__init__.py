"""One module a command, each with `run(layout, options) -> int`, the exit status."""
