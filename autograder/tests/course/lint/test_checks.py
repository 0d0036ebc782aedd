from __future__ import annotations

import pytest

from autograder.course.lint.checks import module_problems

IMPORTS = """import numpy as np
from byhand.checks import check_close, scenario
from byhand.exercises import double as exercise
"""
CALL = '"""Exercise 9.1 · double (2 points)"""\nexercise.double_values(double)\n'
CHECK = """def double_values(double, draw=0):
    x = points(draw, (3, 4))
    check_close(double(x), 2 * x, what="double(x)")
"""


def found(source: str) -> list[str]:
    return [problem for _, problem in module_problems(source, {"np", "double"})]


@pytest.fixture
def converted(chapter):
    """Return the sound chapter with its check in a module."""
    folder = chapter.path.parent / "solutions" / "9_double"
    folder.mkdir(parents=True)
    chapter.path = chapter.path.rename(folder / chapter.path.name)
    modules = chapter.path.parents[2] / "course" / "byhand" / "exercises" / "double"
    modules.mkdir(parents=True)
    (modules / "values.py").write_text(CHECK)
    return chapter.put("imports", "setup", IMPORTS).put("double-test", "test", CALL)


def test_a_chapter_with_its_checks_in_modules_is_sound(converted) -> None:
    assert converted.problems() == []


def test_a_long_test_cell_is_named(converted) -> None:
    source = CALL + "\n".join(f"assert double({k}) == {2 * k}" for k in range(5))
    (problem,) = converted.put("double-test", "test", source).problems()
    assert problem == (
        "cell double-test: 7 lines that students see; 6 is the most: "
        "move the rest into byhand.exercises"
    )


def test_hidden_lines_do_not_count_but_ask_nothing_new(converted) -> None:
    hidden = "### BEGIN HIDDEN TESTS\nexercise.{}(double, draw=7)\n### END HIDDEN TESTS\n"
    same = CALL + hidden.format("double_values")
    assert converted.put("double-test", "test", same).problems() == []
    (problem,) = converted.put("double-test", "test", CALL + hidden.format("other")).problems()
    assert "cell double-test: other is called by the hidden tests only" in problem


def test_a_class_may_be_passed_to_a_check_whose_scenarios_use_it(converted) -> None:
    answer = """class double:
    \"\"\"Doubles.\"\"\"

    ### BEGIN SOLUTION
    def __call__(self, x):
        return 2 * x
    ### END SOLUTION
"""
    assert not [p for p in converted.put("double", "solution", answer).problems() if "class" in p]
    found = converted.put("double-test", "test", CALL + "double()\n").problems()
    assert any("uses the class double outside a scenario" in problem for problem in found)


def test_a_problem_in_a_module_is_named_with_file_and_line(converted) -> None:
    modules = converted.path.parents[2] / "course" / "byhand" / "exercises" / "double"
    (modules / "values.py").write_text(CHECK.replace("(3, 4)", "(4, 4)"))
    (problem,) = converted.problems()
    assert problem.startswith("double/values.py, line 2: two sizes of (4, 4) are equal")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x = np.ones(3)", "np.ones makes all entries alike"),
        ("x = np.full((3, 4), 2.0)", "np.full makes all entries alike"),
        ("x = rng.standard_normal((3, 1))", "a size of (3, 1) is 1 or 2"),
        ("x = points(draw, (2, 5))", "a size of (2, 5) is 1 or 2"),
        ("x = points(draw, shape=(5, 3, 5))", "two sizes of (5, 3, 5) are equal"),
        ("x = np.array([[2.0, 1.0], [1.0, 3.0]])", "a symmetric matrix"),
    ],
)
def test_data_on_which_other_formulas_agree_are_named(line: str, said: str) -> None:
    check = "def f_values(f, draw=0):\n    {}\n    check_close(f(x), x, what='f(x)')\n"
    (problem,) = found(check.format(line))
    assert problem.startswith(said)
    assert problem.endswith("or say why not: '# not generic: ...'")
    assert found(check.format(f"{line}  # not generic: the limit itself")) == []


@pytest.mark.parametrize(
    "line",
    [
        "x = points(draw, (3, 4))",
        "x = points(draw, ())",
        "x = rng.standard_normal(1)",
        "x = np.array([[2.0, 1.0], [4.0, 3.0]])",
        "x = [[1, 2, 3], [2, 4, 6]]",
        "x, expected = points(draw), np.ones(3)",
    ],
)
def test_generic_data_are_let_through(line: str) -> None:
    assert found(f"def f_values(f, draw=0):\n    {line}\n    f(x)\n") == []


def test_data_are_found_where_a_check_passes_them_on() -> None:
    (problem,) = found("def f_values(f, draw=0):\n    check_unchanged(f, np.eye(3), what='f')\n")
    assert problem.startswith("np.eye makes all entries alike")


def test_a_scenario_reads_what_is_beside_the_students_code() -> None:
    source = "TEN = 10\n@scenario\ndef run(f, x):\n    return f(x) + double(x) + np.sum(x) + {}\n"
    assert found(source.format("1")) == []
    assert found(source.format("TEN")) == ["scenario run reads TEN; pass it as an argument"]


def test_a_check_calls_the_students_function_or_passes_it_on() -> None:
    check = "def f_values(f, draw=0):\n    {}\n"
    assert found(check.format("check_close(f(1.0), 2.0, what='f')")) == []
    assert found(check.format("check_derivative(np.sin, f, 1.0)")) == []
    (problem,) = found(check.format("return f.__name__"))
    assert problem.startswith("f_values does more with f than call it")
    (problem,) = found(check.format("return f(1.0)(2.0)"))
    assert problem.startswith("f_values calls what a student's function returned")


def test_helpers_of_a_module_are_free() -> None:
    assert found("def _right(f, x):\n    return f.__name__\n") == []


def test_a_check_may_add_to_what_another_one_says() -> None:
    check = """def f_values(f, draw=0):
    try:
        f_others(f)
    except CheckFailed as failure:
        {}.likely = "a slip"
        raise
"""
    assert found(check.format("failure")) == []
    (problem,) = found(check.format("np"))
    assert problem.startswith("f_values sets the attribute likely")
