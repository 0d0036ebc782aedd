"""Tests, in folders that mirror the packages; `tools` holds what several of them use."""
