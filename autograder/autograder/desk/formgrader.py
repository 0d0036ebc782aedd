"""Gives the gradebook the names that the class file has: Formgrader knows no class file."""

from __future__ import annotations

from autograder.desk.classreader import LONGEST_ID, load_class
from autograder.gradebook.book import Gradebook
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
        names[student.id] = {column: text[:LONGEST_ID] for column, text in texts.items()}
    if names:
        gradebook.name_students(names)
