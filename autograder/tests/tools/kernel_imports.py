"""What notebooks import, for `tests.tools.kernels`: imported once, by the process it forks from."""

import gc
import os

os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # as ipykernel sets it

import ipykernel.debugger
import ipykernel.kernelapp  # noqa: F401
import IPython.core.debugger
import IPython.core.oinspect
import IPython.extensions.storemagic  # noqa: F401
import ipywidgets  # noqa: F401
import matplotlib.pyplot  # noqa: F401
import matplotlib_inline.backend_inline  # noqa: F401
import numpy.random  # noqa: F401
import pygments.formatters.terminal256  # noqa: F401
import stack_data  # noqa: F401
import tornado.platform.asyncio  # noqa: F401

from byhand import checks, differences, digits, explorers, figures, live, progress  # noqa: F401

explorers.by_chapter()
gc.collect()
gc.freeze()  # what is shared with the kernels stays shared
