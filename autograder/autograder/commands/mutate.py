"""`mutate`: puts small mistakes into the answers, and shows those that the tests do not notice."""

from __future__ import annotations

import argparse

from autograder.commands.console import make_console, progress_bar
from autograder.course.mutants import read_equivalents
from autograder.grading.mutation import cases_of, try_mutants
from autograder.layout import Layout

EQUIVALENTS = "autograder/tests/mutants.toml"


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Try the mutants; status 1 if one survives that is not known to be equivalent."""
    console = make_console()
    cases = cases_of(layout, options.chapters, options.sample, options.seed)
    equivalents = read_equivalents(layout.root / EQUIVALENTS)
    with progress_bar(console, "Mutants") as advance:
        trials = try_mutants(layout, cases, equivalents, advance, options.unsafe)
        advance(len(cases), len(cases), "")
    for trial in trials.values():
        for mutant in trial.survived:
            console.print(mutant.diff(trial.sources[mutant.cell]), markup=False, soft_wrap=True)
            console.print()
    console.print(f"  {'chapter':<20}{'mutants':>9}{'killed':>9}{'survived':>10}{'equivalent':>12}")
    for chapter, trial in trials.items():
        survived, same = len(trial.survived), len(trial.equivalent)
        total = trial.killed + survived + same
        console.print(f"  {chapter:<20}{total:>9}{trial.killed:>9}{survived:>10}{same:>12}")
    survived = sum(len(trial.survived) for trial in trials.values())
    killed = sum(trial.killed for trial in trials.values())
    if killed + survived:
        share = killed / (killed + survived)
        console.print(f"{share:.1%} of the mutants that are mistakes lose points")
    if survived:
        console.print(
            f"A survivor needs a sharper check, or an entry with a reason in {EQUIVALENTS}",
            soft_wrap=True,
        )
    return int(survived > 0)
