"""Explorers: pictures that answer to sliders, one module a chapter."""
