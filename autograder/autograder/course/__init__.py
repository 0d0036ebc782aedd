"""From `solutions/` to `course/`: read a chapter, lint it, release it, make its pages."""
