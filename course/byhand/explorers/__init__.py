"""Explorers: pictures that follow sliders, one folder a chapter, one file an explorer.

A chapter's folder names the chapter it belongs to, imports its explorers, and gives each the name
that notebooks call: ``secant_explorer = Secant.open``. That registers an explorer; no other list
of them exists. What explorers share is at the top: `base`, `yours`, `controls`, `graphs`, `grids`.

Importing this package imports neither Matplotlib nor ipywidgets; an explorer does so when opened.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from byhand.explorers.base import Explorer

__all__ = ["by_chapter"]


def by_chapter() -> dict[str, dict[str, type[Explorer]]]:
    """Import every explorer and return their classes.

    Returns
    -------
    dict of str to dict of str to type
        For each chapter, such as ``"1_derivatives"``, its classes by the names that notebooks
        call, such as ``"secant_explorer"``.

    Examples
    --------
    >>> by_chapter()["1_derivatives"]["secant_explorer"].__name__
    'Secant'
    """
    folders = [
        importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
        if module.ispkg
    ]
    return {
        folder.CHAPTER: {
            name: opener.__self__
            for name, opener in vars(folder).items()
            if name.endswith("_explorer")
        }
        for folder in sorted(folders, key=lambda folder: folder.CHAPTER)
    }
