from __future__ import annotations

import pytest

TITLE = '"""Exercise 9.1 · double (2 points)"""\n'


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("np.pi = 3", "sets the attribute pi"),
        ("setattr(np, 'pi', 3)", "calls setattr"),
        ("double = abs", "defines double, which is the student's"),
        ("assert double + 1", "does more with double than call it"),
        ("double.__name__", "does more with double than call it"),
        ("double(1.0)(2.0)", "calls what a student's function returned"),
        ("r = double([1.0])\nr[0] = 5", "changes r, which a student's function returned"),
        ("r = double([1.0])\nr.append(5)", "changes r, which a student's function returned"),
        ("r = double(1.0)\nr += 5", "changes r, which a student's function returned"),
        ("unknown(3)", "reads unknown, which it does not define"),
        ("k = 2\n@scenario\ndef s():\n    return double(k)", "scenario s reads k"),
        ("### BEGIN HIDDEN TESTS", "BEGIN HIDDEN TESTS without its END"),
        ("def half(:", "syntax error"),
    ],
)
def test_a_test_cell_that_could_not_run_elsewhere_is_refused(
    chapter, source: str, problem: str
) -> None:
    found = chapter.put("double-test", "test", TITLE + source).problems()
    assert any("double-test" in line and problem in line for line in found), found


def test_a_class_of_the_students_is_used_in_scenarios_only(chapter) -> None:
    source = '''class double:
    """Return 2 x."""
    ### BEGIN SOLUTION
    x = 2
    ### END SOLUTION
'''
    found = chapter.put("double", "solution", source).problems()
    assert any("uses the class double outside a scenario" in line for line in found)


def test_a_class_of_the_students_may_be_passed_to_a_check_of_a_module(chapter) -> None:
    chapter.put("double", "solution", 'class double:\n    """Return 2 x."""\n')
    found = chapter.put("double-test", "test", TITLE + "exercise.double_values(double)").problems()
    assert not any("uses the class" in line for line in found), found


def test_a_scenario_may_import_what_it_reads(chapter) -> None:
    body = "import math\n    return math.floor(double(2))"
    test = f"@scenario\ndef s():\n    {body}\ncheck_close(s(), 4.0, what='s')"
    assert chapter.put("double-test", "test", TITLE + test).problems() == []


def test_a_scenario_may_use_what_a_given_cell_defines(chapter) -> None:
    chapter.insert("double", "helper", "given", "def helper(f):\n    return f(2)")
    test = "@scenario\ndef s():\n    return helper(double)\ncheck_close(s(), 4.0, what='s')"
    assert chapter.put("double-test", "test", TITLE + test).problems() == []


def test_a_name_that_later_student_cells_read_is_refused(chapter) -> None:
    test = TITLE + "size = 3\ncheck_close(double(size), 6.0, what='')"
    chapter.put("double-test", "test", test).insert("end", "later", "code", "print(size)")
    assert any("defines size, which a later cell reads" in line for line in chapter.problems())
