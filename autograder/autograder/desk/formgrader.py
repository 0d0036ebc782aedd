"""Gives the gradebook the names that the class file has: Formgrader knows no class file.

People choose how a learning management system calls them, and Formgrader puts what the gradebook
has into a page as it is: a tag in a name would be run there.
"""

from __future__ import annotations

from autograder.desk.classreader import LONGEST_ID, load_class
from autograder.gradebook.book import Gradebook
from autograder.handed_in import UNSAFE
from autograder.layout import Layout


def name_students(layout: Layout, gradebook: Gradebook) -> None:
    """Note the name and address of everyone in the class file in the gradebook.

    Parameters
    ----------
    layout
        The class.
    gradebook
        Its gradebook, with tables. Who is in the class and not in it yet is added; what it knows of
        others stays.

    Raises
    ------
    UserError
        If the class file can't be read, or the gradebook can't be written.
    """
    group = load_class(layout)
    names = {}
    for student in group.students.values():
        if student.dropped or not student.name:
            continue
        first, last = student.first_and_last
        texts = {"first_name": first, "last_name": last}
        texts |= {"email": student.email} if student.email else {}
        names[student.id] = {column: _safe(text) for column, text in texts.items()}
    if names:
        gradebook.name_students(names)


def _safe(text: str) -> str:
    """Return a name that a page and the gradebook can hold."""
    return text.translate(dict.fromkeys(map(ord, UNSAFE)))[:LONGEST_ID]
