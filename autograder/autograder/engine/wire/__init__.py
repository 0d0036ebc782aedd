"""The wire between two processes."""
