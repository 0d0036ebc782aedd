import matplotlib
import pytest
from matplotlib.figure import Figure

from byhand import figures


@pytest.fixture(autouse=True)
def untouched_settings():
    with matplotlib.rc_context():
        yield


def test_use_style_sets_colours_and_the_map_of_fields():
    figures.use_style()
    cycle = matplotlib.rcParams["axes.prop_cycle"].by_key()["color"]
    assert cycle[:2] == [figures.BLUE, figures.VERMILION]
    assert matplotlib.rcParams["image.cmap"] == "viridis"


def test_style_ends_with_its_block():
    before = matplotlib.rcParams["axes.titlelocation"]
    with figures.style():
        assert matplotlib.rcParams["axes.titlelocation"] == "left"
    assert matplotlib.rcParams["axes.titlelocation"] == before


def test_style_begins_from_the_defaults_whatever_the_notebook_has_set():
    matplotlib.rcParams["lines.dashed_pattern"] = [1, 1]
    with figures.style():
        default = matplotlib.rcParamsDefault["lines.dashed_pattern"]
        assert matplotlib.rcParams["lines.dashed_pattern"] == default


def test_axes_through_origin_crosses_at_zero():
    axes = Figure().add_subplot()
    figures.axes_through_origin(axes)
    across, up = axes.lines
    assert list(across.get_ydata()) == [0, 0]
    assert list(up.get_xdata()) == [0, 0]


def test_labels_carry_their_text_and_colour():
    axes = Figure().add_subplot()
    label = figures.label(axes, 1, 2, "tangent", figures.BLUE)
    corner = figures.corner_label(axes, animated=True)
    assert (label.get_text(), label.get_position(), label.get_color()) == (
        "tangent",
        (1, 2),
        figures.BLUE,
    )
    assert corner.get_text() == "" and corner.get_animated()


def test_show_displays_the_picture_with_its_alt_text_and_closes_the_figure(monkeypatch):
    import matplotlib.pyplot as plt

    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    with matplotlib.rc_context({"backend": "agg"}):
        figure, _axes = plt.subplots()
        figures.show(figure, alt='A "kink" at 0')
    assert '<img alt="A &quot;kink&quot; at 0" src="data:image/png;base64,' in shown[0].data
    assert not plt.fignum_exists(figure.number)
