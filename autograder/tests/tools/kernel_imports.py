"""What notebooks import, for `tests.tools.kernels`: imported once, by the process it forks from."""

import os

os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # as ipykernel sets it

import ipykernel.kernelapp  # noqa: F401
import ipywidgets  # noqa: F401
import matplotlib.pyplot  # noqa: F401
import matplotlib_inline.backend_inline  # noqa: F401

from byhand import checks, differences, digits, explorers, figures, live, progress  # noqa: F401

explorers.by_chapter()
