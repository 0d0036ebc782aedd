"""The IPython in which a candidate's cells run: magics and all, without screen, history or disk."""

from __future__ import annotations

import ast
import re
import sys
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from autograder.engine.candidate import Candidate
from autograder.engine.candidate_process import UNSUPPORTED

# what a cell that knows of IPython says: its own state may then differ from that of plain Python
REACHES = re.compile(
    r"[iI][pP]ython|\b(In|Out|_i+\d*|_[iod]h|exit|quit|SystemExit|[pb]db)\b|^\s*[%!]", re.M
)


class KeptDisplay(DisplayHook):
    """Passes the value of a cell's last expression to the candidate."""

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        """Keep the representations."""
        _keep(self.shell, format_dict, "execute_result")

    def write_output_prompt(self) -> None:
        """Print no prompt."""

    def finish_displayhook(self) -> None:
        """Print no newline."""


class KeptPublisher(DisplayPublisher):
    """Passes what a cell displays to the candidate."""

    def publish(self, data: Any, metadata: Any = None, source: Any = None, **rest: Any) -> None:
        """Keep the representations."""
        _keep(self.shell, data, "display_data")


def _keep(shell: Any, bundle: dict, output_type: str) -> None:
    if shell.candidate is not None:
        shell.candidate.show(bundle, output_type)


class Compiler(CachingCompiler):
    """Parses a cell once, though IPython looks at it twice."""

    def __init__(self) -> None:
        super().__init__()
        self.usual = self.flags
        self.parsed: tuple[str, ast.Module] | None = None

    def is_python(self, cell: str) -> bool:
        """Return whether IPython would take a cell as it is, and run it as any other code."""
        if "\n" not in cell.strip() or cell[0].isspace() or "await" in cell or "async" in cell:
            return False
        cell = ended(cell)
        if self.parsed is not None and self.parsed[0] == cell:
            return True
        try:
            self.parsed = cell, ast.parse(cell)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
        return True

    def ast_parse(self, source: str, filename: str = "<unknown>", symbol: str = "exec") -> Any:
        """Return a cell's tree; each one is handed out once, for IPython changes it."""
        parsed, self.parsed = self.parsed, None
        if parsed is not None and (*parsed[:1], symbol, self.flags) == (source, "exec", self.usual):
            return parsed[1]
        return super().ast_parse(source, filename, symbol)


class CandidateShell(InteractiveShell):
    """Runs cells as a kernel would; errors are told by the candidate, not printed."""

    displayhook_class = Type(KeptDisplay)
    display_pub_class = Type(KeptPublisher)
    compiler_class = Type(Compiler)
    candidate: Candidate | None = None
    # how many functions waited for a cell's begin or end at first; None once a cell knew of IPython
    listens: tuple[int, ...] | None = None

    def run(self, cell: str) -> BaseException | None:
        """Run a cell as a kernel would; return its error, if any.

        Plain Python runs without IPython, which takes longer than most cells, until some cell knows
        of it.
        """
        if REACHES.search(cell):
            self.listens = None
        if self.listens == self._listens() and not self.ast_transformers and self.takes(cell):
            return self._run_plainly(ended(cell))
        result = self.run_cell(cell, store_history=True)
        return result.error_before_exec or result.error_in_exec

    def _run_plainly(self, cell: str) -> BaseException | None:
        compiler: Any = self.compile
        history: Any = self.history_manager
        for kept in (history.input_hist_parsed, history.input_hist_raw):
            kept.append(cell.rstrip("\n"))
        name = compiler.cache(cell, self.execution_count, raw_code=cell)
        names = self.user_global_ns
        try:
            nodes = compiler.ast_parse(cell, filename=name).body
            last = nodes.pop() if nodes and isinstance(nodes[-1], ast.Expr) else None
            for node in nodes:  # each by itself: what precedes one that can't be compiled has run
                exec(compiler(ast.Module([node], []), name, "exec"), names)
            if last is not None:
                value = eval(compiler(ast.Expression(last.value), name, "eval"), names)
                if value is not None:
                    self.execution_count += 1
                    with self.display_trap:
                        sys.displayhook(value)
        except BaseException as error:  # whatever it is, it is the student's
            return error
        return None

    def _listens(self) -> tuple[int, ...]:
        return tuple(map(len, self.events.callbacks.values()))

    def showtraceback(self, *args: Any, **kwargs: Any) -> None:
        """Print nothing: the error is part of the cell's result."""

    showsyntaxerror = showindentationerror = showtraceback

    def transform_cell(self, raw_cell: str) -> str:
        """Leave Python as it is: to look for magics takes longer than to run most cells."""
        return ended(raw_cell) if self.takes(raw_cell) else super().transform_cell(raw_cell)

    def should_run_async(self, raw_cell: str, **transformed: Any) -> bool:
        """Return whether a cell awaits; whether a Python cell does needs no second compilation."""
        return not self.takes(raw_cell) and super().should_run_async(raw_cell, **transformed)

    def takes(self, cell: str) -> bool:
        """Return whether a cell is Python as it is."""
        return isinstance(self.compile, Compiler) and self.compile.is_python(cell)

    def _format_exception_for_storage(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Store no error in the history: it takes 45 ms the first time, and nobody reads it."""
        return {"ename": "", "evalue": "", "traceback": []}

    def enable_gui(self, gui: str | None = None) -> None:
        """Do nothing: there is no screen."""

    def enable_matplotlib(self, gui: str | None = None) -> tuple[str, str]:
        """Do nothing: figures are made, but nothing looks at them."""
        return "agg", "agg"

    def system(self, command: str) -> None:
        """Refuse ``!command``."""
        name = "%pip" if " -m pip " in command else f"!{command.split(' ')[0]}"
        raise RuntimeError(f"{name} {UNSUPPORTED}")

    system_piped = system_raw = getoutput = system  # type: ignore[assignment]

    def ask_exit(self) -> None:
        """Go on: ``exit`` in a notebook must not cost the cells after it."""

    def init_virtualenv(self) -> None:
        """Leave the path alone."""


def ended(cell: str) -> str:
    """Return a cell whose last line has an end."""
    return cell if cell.endswith("\n") else f"{cell}\n"


def make_shell() -> CandidateShell:
    """Return the process's shell, warmed up, so that a fork's first cell costs no more."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.autocall = 0
    shell = CandidateShell.instance(config=config)
    shell.run_cell("_ = 1\n1", store_history=False)
    shell.reset(new_session=True)
    shell.user_ns.pop("_", None)
    shell.listens = shell._listens()
    shell.db = {}  # what %cd and others keep from one session to the next
    return shell
