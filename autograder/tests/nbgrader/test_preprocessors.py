from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.nbgrader.preprocessors import plant_bugs

CODE_LINES = st.lists(st.text("ab =()#:", max_size=12).map(str.rstrip), max_size=6)


def test_what_is_released_instead_takes_the_place_of_the_solution():
    source = "def f(x):\n    ### BEGIN SOLUTION\n    return 1\n    ### RELEASE INSTEAD\n"
    source += (
        "    # if x:\n    #     return 2\n    #\n    # return 3  # really\n    ### END SOLUTION"
    )
    expected = "def f(x):\n    if x:\n        return 2\n\n    return 3  # really"
    assert plant_bugs(source) == expected


def test_regions_without_the_mark_stay_for_nbgrader_to_clear():
    source = "a\n### BEGIN SOLUTION\nb\n### END SOLUTION\nc"
    assert plant_bugs(source) == source


def test_each_region_is_treated_alone():
    hunt = "### BEGIN SOLUTION\nright\n### RELEASE INSTEAD\n# wrong\n### END SOLUTION"
    plain = "### BEGIN SOLUTION\nanswer\n### END SOLUTION"
    assert plant_bugs(f"{hunt}\nkept\n{plain}") == f"wrong\nkept\n{plain}"


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("### RELEASE INSTEAD\n# x", "outside a solution region"),
        ("### BEGIN SOLUTION\n### RELEASE INSTEAD\n# x", "has no END SOLUTION"),
        ("### BEGIN SOLUTION\n### RELEASE INSTEAD\nx = 1\n### END SOLUTION", "not: x = 1"),
        ("### BEGIN SOLUTION\n### RELEASE INSTEAD\n#x = 1\n### END SOLUTION", "not: #x = 1"),
    ],
)
def test_a_mistake_in_the_source_is_named(source, complaint):
    with pytest.raises(ValueError, match=complaint):
        plant_bugs(source)


@given(CODE_LINES, st.integers(0, 3))
def test_commented_code_comes_out_as_it_was(lines, depth):
    indent = "    " * depth
    commented = [f"{indent}# {line}".rstrip() for line in lines]
    cell = ["### BEGIN SOLUTION", "answer", "### RELEASE INSTEAD", *commented, "### END SOLUTION"]
    expected = [f"{indent}{line}" if line else "" for line in lines]
    assert plant_bugs("\n".join(cell)) == "\n".join(expected)
