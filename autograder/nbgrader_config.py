"""Tells nbgrader where the course is; read by `nbgrader` in this folder and by JupyterLab.

An assignment is a chapter's folder in `solutions/`; its notebook has the same name. The class is
the one in `work/`, or the one that `python3 autograder lab --work DIR --db URL` has put into the
environment.
"""

import os
from pathlib import Path

root = Path(__file__).resolve().parents[1]
work = Path(os.environ.get("AUTOGRADER_WORK") or root / "autograder" / "work")
exchange = Path(os.environ.get("AUTOGRADER_EXCHANGE") or work / "exchange")
for folder in (work, exchange):  # neither SQLite nor Formgrader makes its folder
    folder.mkdir(parents=True, exist_ok=True)

c = get_config()  # noqa: F821  (traitlets hands it in)

# The folder that holds both course and class: Formgrader's links are relative to it.
common = Path(os.path.commonpath([root, work]))
if common == common.parent:  # as for a class in /srv/class and a repository in /home
    from autograder.nbgrader.patterns import begin_with_one_slash

    begin_with_one_slash()
c.CourseDirectory.root = str(common)
c.CourseDirectory.source_directory = str((root / "solutions").relative_to(common))
c.CourseDirectory.release_directory = str((root / "course").relative_to(common))
# The rest stays with the instructor, out of git.
for step in ("submitted", "autograded", "feedback", "solution", "source_with_tests"):
    c.CourseDirectory[f"{step}_directory"] = str((work / step).relative_to(common))
c.CourseDirectory.db_url = os.environ.get("AUTOGRADER_DB") or f"sqlite:///{work / 'gradebook.db'}"

# Where students get course/ as a whole, nothing needs nbgrader's exchange; without one of its own
# Formgrader would warn on every page. On a JupyterHub (hub/README.md), it is the hub's.
c.CourseDirectory.course_id = "backprop-by-hand"
c.Exchange.root = str(exchange)

# What stands in a student's notebook where the answer was.
c.ClearSolutions.code_stub = {
    "python": "# YOUR CODE HERE\n"
    'raise NotImplementedError("Write this part, then run the cell again")'
}

# nbgrader's own list, but for ClearSolutions (ours knows bug hunts as well), and tests are folded.
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.InstantiateTests",
    "nbgrader.preprocessors.LockCells",
    "autograder.nbgrader.preprocessors.FoldTests",
    "autograder.nbgrader.preprocessors.ClearSolutionsOrPlantBugs",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# The engine runs the notebook; nbgrader's own steps write what it found. nbgrader runs the first
# list on what was handed in and the second on the outcome; the exporter reads nothing itself.
c.Autograde.exporter_class = "autograder.nbgrader.preprocessors.EngineReads"
c.Autograde.sanitize_preprocessors = ["autograder.nbgrader.preprocessors.TakeAsHandedIn"]
c.Autograde.autograde_preprocessors = [
    "autograder.nbgrader.preprocessors.Examine",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
    "autograder.nbgrader.preprocessors.ShowSafely",
]

# Feedback is the course's own page, which tells nothing that only a hidden test knows.
c.GenerateFeedback.exporter_class = "autograder.desk.exporter.FeedbackExporter"
c.GenerateFeedback.preprocessors = []
