import re
from html import escape, unescape

import pytest
from matplotlib.text import Text
from tests.tools.predictions import says

from autograder.course.notebooks import read_cells
from autograder.layout import Layout
from byhand import progress
from byhand.explorers import by_chapter, chain_rule, derivatives, gradients, layers
from byhand.explorers.predictions import Choose, Marker, Number
from byhand.progress import Progress

EVERY = pytest.mark.parametrize(
    "explorer_class",
    [
        pytest.param(explorer_class, id=f"{chapter}-{name}")
        for chapter, explorers in by_chapter().items()
        for name, explorer_class in explorers.items()
    ],
)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Keep progress in a folder; return a function that starts a new session there."""

    def start():
        monkeypatch.setattr(progress, "_progress", Progress(tmp_path))
        return progress._progress

    start()
    return start


def words_of(explorer):
    """Return everything that can be read on an explorer but its question, and numbers of axes."""
    texts = [text for text in explorer.figure.findobj(Text) if text.get_visible()]
    ticks = {
        label
        for axes in explorer.figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for label in axis.get_ticklabels(which="both")
    }
    of_hidden_axes = {
        text
        for axes in explorer.figure.axes
        if not axes.get_visible()
        for text in axes.findobj(Text)
    }
    shown = [text.get_text() for text in texts if text not in ticks | of_hidden_axes]
    return [explorer.words, explorer._alt, explorer._still, *shown]


def wrong_answer(prediction, truth):
    if isinstance(prediction, Choose):
        return next(option for option in prediction.options if option != truth)
    return prediction.high if truth != prediction.high else prediction.low


def fill_in(explorer, answer):
    field = explorer._form.field
    if isinstance(explorer.prediction, Marker):
        field.slider.box.value = answer
    elif isinstance(explorer.prediction, Number):
        field.box.value = str(answer)
    else:
        field.widget.value = answer
    explorer._form.commit.click()


@EVERY
def test_before_the_prediction_nothing_on_an_explorer_says_the_answer(explorer_class):
    explorer = explorer_class.open()
    prediction, truth = explorer.prediction, explorer.truth()
    for words in words_of(explorer):
        assert not says(words, prediction, truth), words
        assert explorer.message not in words
    told = explorer_class.open(predicted=True)
    assert told.words not in explorer._still and told.message not in explorer._still
    assert explorer._alt == f"{explorer.title}. {explorer.situation}"
    assert explorer._form.told.value == ""
    assert all(control.disabled for control in explorer.control.values())


# What an explorer's question asks for, where a text may tell it by a formula or in other words.
TOLD_BY = {
    "descent_explorer": (r"\lambda_{\max}", r"\eta \lambda", "steepest direction"),
    "softmax_explorer": ("indifference", "uniform", "equal"),
    "cost_explorer": ("goes backward", "one output"),
}


@pytest.mark.parametrize("chapter", by_chapter())
def test_the_open_text_below_an_explorer_does_not_say_the_answer(chapter):
    explorers, told, looked_at = by_chapter()[chapter], [], 0
    cells = read_cells(Layout.here().released(chapter))
    for cell, below in zip(cells, cells[1:], strict=False):
        call = re.search(r"^(\w+_explorer)\(", cell.source, re.M)
        if not call or cell.kind == "markdown":
            continue
        explorer = explorers[call[1]].open()
        text = re.sub(r"<details>.*?</details>", "", below.source, flags=re.S)
        words = [word for word in TOLD_BY.get(call[1], ()) if word in text]
        if words or says(text, explorer.prediction, explorer.truth()):
            told.append((call[1], words))
        looked_at += 1
    assert looked_at
    assert told == []


@EVERY
def test_the_prediction_of_every_explorer_is_structured_and_can_be_missed(explorer_class):
    explorer = explorer_class.open()
    prediction, truth = explorer.prediction, explorer.truth()
    assert prediction.is_right(truth, truth)
    if isinstance(prediction, Choose):
        assert 2 <= len(prediction.options) <= 5
        assert truth in prediction.options
    else:
        assert prediction.low < truth < prediction.high
        assert prediction.label not in [control.label for control in explorer.control.values()]
    if isinstance(prediction, Marker):
        assert not prediction.is_right(prediction.start, truth)
    assert not prediction.is_right(wrong_answer(prediction, truth), truth)


@EVERY
def test_after_the_prediction_it_is_compared_explained_and_kept(explorer_class, kept):
    explorer = explorer_class.open()
    before = explorer._last
    prediction, truth = explorer.prediction, explorer.truth()
    answer = wrong_answer(prediction, truth)
    fill_in(explorer, answer)
    comparison = explorer.comparison
    assert comparison.startswith(f"You said {prediction.written(answer)}; ")
    told = unescape(explorer._form.told.value)
    assert says(told, prediction, truth)
    assert "byhand-told" in explorer._form.told._dom_classes
    assert not explorer.locked and explorer._last != before
    assert not all(control.disabled for control in explorer.control.values())
    assert explorer.message in [text.get_text() for text in explorer.figure.findobj(Text)]
    (record,) = kept().predictions.values()
    assert record["comparison"] == comparison and record["right"] is False
    assert escape(comparison) in progress.show()._repr_html_()


@EVERY
def test_a_kept_prediction_is_compared_again_when_the_kernel_has_restarted(explorer_class, kept):
    first = explorer_class.open()
    first.commit(first.truth())
    kept()
    again = explorer_class.open()
    assert not again.locked
    assert again.comparison == first.comparison and "you are right" in again.comparison
    assert escape(again.prediction.explanation) in again._form.told.value


@EVERY
def test_show_me_opens_every_explorer_in_one_click_and_counts_nothing(explorer_class, kept):
    explorer = explorer_class.open()
    explorer._form.skip.click()
    assert not explorer.locked
    assert explorer.comparison.startswith("Shown without a prediction: ")
    assert repr(kept()).endswith("Predictions: 1 skipped.")
    assert explorer_class.open().locked  # and it may be predicted later


def test_an_answer_that_is_missing_is_asked_for():
    for explorer_class, missing in (
        (derivatives.Secant, "Move the marker first."),
        (derivatives.DifferenceError, "Choose an answer first."),
        (chain_rule.Chain, "Write a whole number from 0 to 16."),
    ):
        explorer = explorer_class()
        explorer._form.commit.click()
        assert f'<span role="alert">{missing}</span>' == explorer._form.hint.value
        assert explorer.locked


def test_what_was_said_about_a_missing_answer_is_taken_back_once_there_is_one():
    for explorer_class, answer in (
        (derivatives.Secant, 0.5),
        (derivatives.DifferenceError, None),
        (chain_rule.Chain, 4),
    ):
        explorer = explorer_class()
        form, prediction = explorer._form, explorer.prediction
        waiting = form.hint.value
        form.commit.click()
        assert form.hint.value != waiting
        form.field.box.value = (
            prediction.options[0]
            if isinstance(prediction, Choose)
            else type(form.field.box.value)(answer)
        )
        assert form.hint.value == waiting and explorer.locked


@pytest.mark.parametrize("written", ["4.5", "17", "-1", "four", "nan", ""])
def test_a_number_outside_its_range_is_not_taken(written):
    explorer = chain_rule.chain_explorer()
    fill_in(explorer, written)
    assert explorer.locked


def test_a_number_is_taken_with_its_unit_and_a_true_minus_sign():
    dropout, graph = layers.dropout_explorer(), chain_rule.graph_explorer()
    fill_in(dropout, "70 % of the input")
    fill_in(graph, "−3.5")
    assert (dropout.guess, graph.guess) == (70.0, -3.5)


def test_the_marker_is_on_the_picture_while_it_moves_and_stays_beside_the_truth():
    explorer = derivatives.activation_explorer()
    mark = explorer._guess_mark
    assert not mark.line.get_visible()
    explorer._form.field.slider.box.value = 0.6
    assert mark.line.get_visible() and list(mark.line.get_ydata()) == [0.6, 0.6]
    assert not explorer.slopes.get_visible()
    explorer._form.commit.click()
    explorer.control["x"].box.value = 2.0
    assert mark.line.get_visible() and mark.name.get_visible()
    assert explorer.slopes.get_visible()


def test_a_marker_that_was_moved_is_gone_after_show_me():
    explorer = derivatives.activation_explorer()
    explorer._form.field.slider.box.value = 0.6
    explorer._form.skip.click()
    assert not explorer._guess_mark.line.get_visible()


def test_a_guess_at_one_place_is_drawn_there_only():
    for explorer, name in (
        (derivatives.secant_explorer(), "x"), (gradients.gradient_explorer(), "y"),
    ):  # fmt: skip
        explorer.commit(0.5)
        assert explorer._guess_mark.line.get_visible()
        explorer.control[name].box.value = 0.0
        assert not explorer._guess_mark.line.get_visible()


def test_the_students_own_result_waits_for_the_prediction_too(notebook):
    names, passed = notebook
    names["sigmoid_derivative"] = lambda x: 0 * x
    passed.add("1.9")
    explorer = derivatives.activation_explorer()
    assert not explorer.yours.mark.get_visible()
    assert not explorer.yours.label.get_visible()
    explorer.commit(0.5)
    assert explorer.yours.mark.get_visible() and explorer.yours.label.get_visible()


def test_a_prediction_for_another_question_is_asked_again(kept):
    derivatives.secant_explorer().commit(1.0)
    record = progress.predicted("Secant")
    progress.record_prediction("Secant", {**record, "question": "An older one?"})
    assert derivatives.secant_explorer().locked


def number(**settings):
    return Number(
        **{
            "question": "?", "explanation": ".", "label": "Digits", "low": 0, "high": 360,
            "outcome": "{truth} survive", **settings,
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "guess", "truth", "sentence"),
    [
        ({"whole": True, "unit": " digits"}, 4, 12,
         "You said 4 digits; 12 digits survive, so you are off by 8 digits."),
        ({"whole": True}, 12, 12, "You said 12, and you are right: 12 survive."),
        ({"close": 0.05}, 1.93, 1.97, "You said 1.93, which is close: 1.97 survive."),
        ({"log": True, "close": 2}, 1.0, 4.0,
         "You said 1; 4 survive, so yours is too small by a factor of 4."),
        ({"log": True, "close": 2}, 1e-3, 1e-12,
         "You said 0.001; 1e−12 survive, so yours is too large by 9 powers of ten."),
        ({"unit": "°", "period": 360, "close": 10}, 355, 15,
         "You said 355°; 15° survive, so you are off by 20°."),
        ({}, None, 3, "Shown without a prediction: 3 survive."),
    ],
)  # fmt: skip
def test_one_sentence_says_how_close_a_number_is(settings, guess, truth, sentence):
    assert number(**settings).compare(guess, truth) == sentence


@pytest.mark.parametrize(
    ("guess", "sentence"),
    [
        ("both", "You said “both”; in fact neither."),
        ("neither", "You said “neither”, and you are right."),
        (None, "Shown without a prediction: in fact neither."),
    ],
)
def test_one_sentence_compares_a_choice(guess, sentence):
    choice = Choose(question="?", explanation=".", options=("both", "neither"))
    assert choice.compare(guess, "neither") == sentence


def test_what_is_asked_and_answered_is_escaped():
    explorer = derivatives.error_explorer()
    explorer._form.tell("a <b> & c", "d < e")
    assert "a &lt;b&gt; &amp; c" in explorer._form.told.value
    assert "d &lt; e" in explorer._form.told.value
