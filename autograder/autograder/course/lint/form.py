"""The form of a notebook file: format, kernel, ids, nothing that a run leaves behind."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from autograder.course.notebooks import nbgrader_metadata


def form_problems(notebook: Path) -> Iterator[str]:
    """Yield problems of the file's form."""
    raw = json.loads(notebook.read_text(encoding="utf-8"))  # nbformat would repair what it reads
    form = (raw.get("nbformat"), raw.get("nbformat_minor"))
    if form != (4, 5):
        yield f"the file has format {form[0]}.{form[1]}; convert it to 4.5"
    if raw.get("metadata", {}).get("kernelspec", {}).get("name") != "python3":
        yield "the kernel is not python3; choose it in JupyterLab and save"
    if extra := set(raw.get("metadata", {})) - {"kernelspec", "language_info"}:
        yield f"the notebook's metadata holds {', '.join(sorted(extra))}; remove it"
    for name, count in Counter(cell.get("id") for cell in raw["cells"]).items():
        if count > 1 or not name:
            yield f"cell {name}: {count} cells have this id; give each its own"
    for cell in raw["cells"]:
        name = cell.get("id")
        if cell.get("outputs") or cell.get("execution_count"):
            yield f"cell {name}: has outputs; run nbstripout --keep-id on the file"
        grade_id = nbgrader_metadata(cell).get("grade_id", name)
        if grade_id != name:
            yield f"cell {name}: its grade_id is {grade_id}; make both the same"
        if extra := set(cell["metadata"]) - {"nbgrader", "tags"}:
            yield f"cell {name}: its metadata holds {', '.join(sorted(extra))}; remove it"
