"""From `solutions/` to `course/`: read a chapter, check it, release it, map its topics."""
