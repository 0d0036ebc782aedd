"""The feedback page for `nbgrader generate_feedback` and Formgrader: their exporter."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter

from autograder.desk.feedback import ClassMarks, page_text
from autograder.errors import UserError
from autograder.gradebook.book import open_gradebook
from autograder.layout import Layout


class FeedbackExporter(Exporter):
    """Makes the course's own page of a graded notebook, where nbgrader would use nbconvert's."""

    file_extension = ".html"
    output_mimetype = "text/html"

    def from_filename(  # type: ignore[override]  # nbconvert's own exporters return text as well
        self, filename: str, resources: Any = None, **options: Any
    ) -> tuple[str, Any]:
        """Return the page; the resources say whose it is and which gradebook knows the points.

        Raises
        ------
        UserError
            If the gradebook does not know the submission.
        """
        whose = resources["nbgrader"]
        student, chapter = whose["student"], whose["assignment"]
        work = Path(filename).resolve().parents[3]  # of autograded/<student>/<chapter>/
        layout = replace(Layout.here().with_work(work), db_url=whose["db_url"])
        with open_gradebook(layout) as gradebook:
            marks = ClassMarks(layout, gradebook).of(chapter, student).get(student)
        if marks is None:
            raise UserError(f"{student}, {chapter}: not in the gradebook; autograde it first")
        resources["output_extension"] = self.file_extension
        return page_text(Path(filename).read_bytes(), marks, chapter), resources
