"""The feedback page for `nbgrader generate_feedback` and Formgrader: their exporter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter

from autograder.desk.feedback import page_text
from autograder.errors import UserError
from autograder.gradebook.book import Gradebook


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
        with Gradebook(whose["db_url"], "the gradebook") as gradebook:
            marks = gradebook.cell_marks(chapter, student).get(student)
        if marks is None:
            raise UserError(f"{student}, {chapter}: not in the gradebook; autograde it first")
        resources["output_extension"] = self.file_extension
        return page_text(Path(filename).read_bytes(), marks, chapter), resources
