from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograder.course.lint.words import poor_words
from byhand import progress, quiz
from byhand.progress import Progress
from byhand.quiz import derivatives, play
from byhand.quiz.play import MODULES
from byhand.quiz.questions import Choice, Draw, Number, Option
from byhand.quiz.rounds import Quiz
from byhand.quiz.view import View

DRAWS: list[Draw] = [
    draw
    for name in MODULES.values()
    for module in [importlib.import_module(f"byhand.quiz.{name}")]
    for draw in (*module.WARM_UP, *module.QUIZ)
]


def drawn(draw: Draw, times: int = 300) -> list[Choice | Number]:
    rng = np.random.default_rng(7)
    return [draw(rng) for _ in range(times)]


def letter_of(question: Choice, *, right: bool) -> str:
    return "abcdefgh"[[option.right for option in question.options].index(right)]


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Progress:
    """Return the progress of a chapter that is watched."""
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    state = Progress(tmp_path)
    monkeypatch.setattr(progress, "_progress", state)
    monkeypatch.setattr(play, "_shown", None)
    return state


# --- the questions --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODULES.values())
def test_a_chapter_has_three_questions_to_warm_up_and_five_at_its_end(name: str) -> None:
    module = importlib.import_module(f"byhand.quiz.{name}")
    assert (len(module.WARM_UP), len(module.QUIZ)) == (3, 5)


@pytest.mark.parametrize("draw", DRAWS, ids=lambda draw: draw.__name__)
def test_every_draw_has_one_right_answer_and_a_reason_of_its_own_for_each_choice(
    draw: Draw,
) -> None:
    questions = drawn(draw)
    assert len({question.text for question in questions}) >= 8
    for question in questions:
        if isinstance(question, Choice):
            assert 3 <= len(question.options) <= 5
            for k, option in enumerate(question.options):
                answered = question.answered("abcdefgh"[k])
                assert answered.right == option.right
                assert len(option.reason) > 20
        else:
            assert question.answered(str(question.answer)).right
            assert len(question.slips) >= 2
            for slip in question.slips.values():
                assert not question.answered(str(slip)).right


@pytest.mark.parametrize("draw", DRAWS, ids=lambda draw: draw.__name__)
def test_what_is_said_is_plain_english_with_readable_numbers(draw: Draw) -> None:
    for question in drawn(draw, 60):
        texts = [question.text]
        if isinstance(question, Choice):
            texts += [text for option in question.options for text in (option.text, option.reason)]
        else:
            texts += [question.reason, *question.slips]
        for text in texts:
            assert list(poor_words(text)) == []
            assert not re.search(r"nan|inf|\d{7}|np\.(int|float)64| 1 times|--|\+ −|− −", text)
            assert text.count("`") % 2 == 0
            assert len(text) < 260


def test_the_right_slope_of_a_line_goes_through_its_points() -> None:
    for question in drawn(derivatives.line_through_two_points):
        x1, y1, x2, y2 = (float(n) for n in numbers_of(question.text))
        assert np.isclose(question.answer, (y2 - y1) / (x2 - x1))


def test_what_numpy_gives_is_the_right_choice() -> None:
    for question in drawn(derivatives.arithmetic_on_an_array, 60):
        array, expression = re.findall(r"`(?:x = )?([^`]+)`", question.text)
        (right,) = (option.text for option in question.options if option.right)
        value = eval(expression, {"x": eval(array, {"np": np})})
        assert right == f"`array({value.tolist()})`"


def test_the_right_expansion_equals_the_difference_and_no_other_does() -> None:
    for question in drawn(derivatives.difference_of_a_square, 60):
        a, x = (int(n) for n in re.search(r"= (\d+)x².*f\((\d+) \+", question.text).groups())
        for option in question.options:
            code = re.sub(r"(\d)h", r"\1*h", option.text).replace("²", "**2")
            same = np.isclose(eval(code, {"h": 0.37}), a * (x + 0.37) ** 2 - a * x**2)
            assert same == option.right


def test_what_halving_the_step_does_is_so_when_it_is_measured() -> None:
    points = 1 + np.linspace(-0.01, 0.01, 2001)
    factors = {"a half": 0.5, "a quarter": 0.25, "roughly doubles": 2.0}
    for question in drawn(derivatives.halving_the_step, 60):
        h = float(re.search(r"h = .*?([\de.−]+)\. ", question.text)[1].replace("−", "-"))
        if h < 1e-6:
            h = 2.0 ** np.round(np.log2(h))
        errors = []
        for step in (h, h / 2):
            ahead = np.exp(points + step)
            if "forward" in question.text:
                slopes = (ahead - np.exp(points)) / step
            else:
                slopes = (ahead - np.exp(points - step)) / (2 * step)
            errors.append(np.mean(np.abs(slopes - np.exp(points))))
        (right,) = (option.text for option in question.options if option.right)
        (said,) = (factor for words, factor in factors.items() if words in right)
        assert np.isclose(errors[1] / errors[0], said, rtol=0.2)


def test_the_formula_that_is_said_to_keep_its_digits_does_and_the_other_one_does_not() -> None:
    from fractions import Fraction
    from math import isqrt

    exact = {  # to more digits than float64 holds
        "1 − cos x": lambda x: x**2 / 2 - x**4 / 24 + x**6 / 720,
        "(1 + x)² − 1": lambda x: x * (2 + x),
        "√(x + 1) − √x": lambda x: Fraction(
            isqrt(int((x + 1) * 10**60)) - isqrt(int(x * 10**60)), 10**30
        ),
    }
    for question in drawn(derivatives.formula_that_keeps_its_digits, 80):
        what = re.search(r"formulas for (.+), equal", question.text)[1]
        formulas = dict(zip("AB", re.findall(r"`([^`]+)`", question.text), strict=True))
        x = float(re.search(r"at x = ([\de.+−]+)\?", question.text)[1].replace("−", "-"))
        true = exact[what](Fraction(x))
        digits = {
            name: -np.log10(
                float(abs(Fraction(float(eval(f, {"np": np, "x": x}))) / true - 1)) + 1e-17
            )
            for name, f in formulas.items()
        }
        (right,) = (option for option in question.options if option.right)
        keeper, loser = re.fullmatch(r"(.), but not (.)", right.text).groups()
        assert digits[keeper] > 15
        kept = int(re.search(r"about (\d+) digits are right", right.reason)[1])
        assert digits[loser] - 1 <= kept <= digits[loser] + 0.1 < 11


def test_a_sigmoid_is_flattest_at_the_right_choice() -> None:
    for question in drawn(derivatives.where_a_sigmoid_is_flat, 80):
        w, sign, b = re.search(r"z = (\S+)·x (.) ([\d.]+)", question.text).groups()
        w, b = float(w.replace("−", "-")), float(b) * (1 if sign == "+" else -1)
        slopes = {}
        for option in question.options:
            z = w * float(option.text.removeprefix("x = ").replace("−", "-")) + b
            output = 1 / (1 + np.exp(-z))
            slopes[option] = output * (1 - output)
        assert min(slopes, key=slopes.get).right


def test_slopes_from_a_sensitivity_and_of_a_product_are_those_of_functions() -> None:
    for question in drawn(derivatives.slope_from_a_sensitivity, 60):
        x, after, change, _ = (float(n) for n in numbers_of(question.text))
        sign = -1 if "falls" in question.text else 1
        assert question.answered(str(sign * change / (after - x))).right
    for question in drawn(derivatives.slope_of_a_product, 60):
        x, f, df, g, dg, _ = (float(n) for n in numbers_of(question.text))
        h = 1e-6
        product = [(f + df * step) * (g + dg * step) for step in (h, -h)]
        assert np.isclose(question.answer, (product[0] - product[1]) / (2 * h))
        assert x > 0


def numbers_of(text: str) -> list[str]:
    return re.findall(r"-?\d+(?:\.\d+)?", text.replace("−", "-"))


def test_a_question_without_exactly_one_right_answer_is_refused() -> None:
    options = (Option("a", "why"), Option("b", "why"))
    with pytest.raises(ValueError, match="exactly one option must be right"):
        Choice("Which?", options)
    with pytest.raises(ValueError, match="two options say the same"):
        Choice("Which?", (Option("a", "why", right=True), Option("a", "why")))
    with pytest.raises(ValueError, match="a slip gives the right answer"):
        Number("How much?", 1.0, "One.", {"off by little": 1.001})


def test_a_number_is_right_within_its_tolerance_and_a_usual_slip_is_named() -> None:
    question = Number("How much?", -0.5, "Half.", {"The sign is flipped.": 0.5})
    assert question.answered("-0.5").right and question.answered("−1/2").right
    assert question.answered(" -0.503 ").right and not question.answered("-0.51").right
    assert question.answered("0.5").reasons[0].reason == "The sign is flipped."
    assert question.answered("7").reasons[0].reason == "See below how it is found."
    for written in ("", "half", "nan", "1/0", "1e999", "0,5"):
        with pytest.raises(ValueError, match="write a number"):
            question.answered(written)


# --- by text --------------------------------------------------------------------------------------


def test_the_same_numbers_come_first_and_others_when_asked_for_again() -> None:
    one, other = (Quiz("Quiz", derivatives.QUIZ) for _ in range(2))
    assert one.text() == other.text()
    for index in range(5):
        before = one.questions[index].text
        one.draw_again(index)
        assert one.questions[index].text != before
    assert one.answers == [None] * 5


def test_a_front_end_without_widgets_gets_text_and_answers_by_text(watched, capsys) -> None:
    quiz.show("1_derivatives")
    shown = capsys.readouterr().out
    assert "Quiz, question 1 of 5. When x goes from" in shown and "   b) " in shown
    assert 'To answer here: quiz.answer(1, "b")' in shown
    assert max(map(len, play._shown.text().split("\n"))) <= 88
    question = play._shown.questions[1]
    quiz.answer(2, letter_of(question, right=False))
    said = capsys.readouterr().out
    assert said.startswith("Not right.\n")
    assert said.count("(right)") == said.count("(your answer)") == 1
    assert said.count("(not this one)") == len(question.options) - 2
    quiz.another(2)
    assert capsys.readouterr().out.startswith("Quiz, question 2 of 5.")
    quiz.answer(2, letter_of(play._shown.questions[1], right=True))
    assert capsys.readouterr().out.startswith("Right.\n")
    with pytest.raises(ValueError, match="choose one of the letters a, b, c, d"):
        quiz.answer(2, "x")
    with pytest.raises(ValueError, match="the questions are 1 to 5, not 6"):
        quiz.answer(6, "a")


def test_what_does_not_exist_is_told(watched) -> None:
    with pytest.raises(ValueError, match="there is no quiz for '9_none'; there is one for 1_der"):
        quiz.show("9_none")
    with pytest.raises(ValueError, match="no quiz is shown"):
        quiz.answer(1, "a")


def test_a_grading_run_shows_nothing_and_imports_no_widgets() -> None:
    code = (
        "import sys; from byhand import quiz; quiz.show('1_derivatives'); quiz.warm_up('none'); "
        "quiz.answer(1, 'a'); quiz.another(1); "
        "print('ipywidgets' in sys.modules, 'matplotlib' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={"NBGRADER_EXECUTION": "autograde"}, text=True,
        capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout == "False False\n"


# --- progress -------------------------------------------------------------------------------------


def test_results_are_kept_and_shown_with_the_progress(watched: Progress, tmp_path: Path) -> None:
    played = Quiz("Quiz", derivatives.QUIZ)
    number, choice = played.questions[0], played.questions[1]
    played.answer(0, str(number.answer))
    played.answer(1, letter_of(choice, right=False))
    assert repr(watched).split("\n")[1] == "Quiz: 1 of 5 answered right, 3 not answered yet."
    played.answer(1, letter_of(choice, right=True))  # the answer is on the page by now
    assert "Quiz: 1 of 5" in repr(watched)
    played.draw_again(1)
    played.answer(1, letter_of(played.questions[1], right=True))
    later = Progress(tmp_path)
    assert repr(later) == (
        "0 of 0 checks passed in this session.\nQuiz: 2 of 5 answered right, 3 not answered yet."
    )
    assert "<div>Quiz: 2 of 5 answered right, 3 not answered yet.</div>" in later._repr_html_()
    assert played.summary() == "Answered: 2 of 5, right: 2. Not graded."


@pytest.mark.parametrize("damaged", ["{", "[1]", '{"Quiz": 3}'])
def test_damaged_results_are_reported_and_do_not_stop_the_session(
    tmp_path: Path, damaged: str
) -> None:
    (tmp_path / ".byhand-quiz.json").write_text(damaged, "utf-8")
    state = Progress(tmp_path)
    state.answered("Quiz", "one", True, ["one"])
    assert "Earlier results can&#x27;t be read from .byhand-quiz.json" in state._repr_html_()
    assert "Quiz: 1 of 1 answered right." in repr(state)


# --- the view -------------------------------------------------------------------------------------


def test_a_choice_is_checked_by_its_button_and_closed_until_it_is_drawn_again(watched) -> None:
    view = View(Quiz("Quiz", derivatives.QUIZ))
    row = view.rows[1]
    row.check.click()
    assert "Choose an answer first." in row.told.value
    row.radio.value = letter_of(view.quiz.questions[1], right=True)
    row.check.click()
    assert "✓ Right." in row.told.value and row.radio.disabled
    assert row.told.value.count("<li") == 4
    assert "Answered: 1 of 5, right: 1." in view._summary.value
    row.again.click()
    assert row.radio.value is None and not row.radio.disabled
    assert "other numbers" in row.told.value and "Answered: 0 of 5" in view._summary.value


def test_a_choice_that_arrives_after_the_click_is_the_one_that_counts(watched) -> None:
    view = View(Quiz("Quiz", derivatives.QUIZ))
    row = view.rows[1]
    row.radio.value = letter_of(view.quiz.questions[1], right=False)
    row.check.click()
    assert "✗ Not right." in row.told.value
    row.radio.value = letter_of(view.quiz.questions[1], right=True)
    assert "✓ Right." in row.told.value
    assert "Answered: 1 of 5, right: 1." in view._summary.value


def test_a_number_is_checked_by_its_button(watched) -> None:
    view = View(Quiz("Quiz", derivatives.QUIZ))
    row = view.rows[0]
    row.field.value = "much"
    row.check.click()
    assert "Please write a number, such as 0.25" in row.told.value
    row.field.value = str(-view.quiz.questions[0].answer)
    row.check.click()
    assert "✗ Not right." in row.told.value and "The sign is flipped." in row.told.value


def test_code_and_signs_of_a_question_are_shown_as_they_are_written(watched) -> None:
    def less(rng: np.random.Generator) -> Choice:
        return Choice(
            "Is `x < y & z`?", (Option("`x < y`", "<b>", right=True), Option("no", "`a&b`"))
        )

    view = View(Quiz("Quiz", [less]))
    assert "Is <code>x &lt; y &amp; z</code>?" in view.rows[0]._asked.value
    assert {text for text, _ in view.rows[0].radio.options} == {"x < y", "no"}
    view.rows[0].radio.value = "a"
    view.rows[0].check.click()
    assert "&lt;b&gt;" in view.rows[0].told.value
    assert "<code>a&amp;b</code>" in view.rows[0].told.value
