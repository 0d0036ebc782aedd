"""What keeps a student's code in."""
