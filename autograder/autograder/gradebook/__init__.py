"""nbgrader's database: one reader, one writer."""
