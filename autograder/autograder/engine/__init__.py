"""The grading engine: exact, safe, fast; `controller.examine` is the way in."""
