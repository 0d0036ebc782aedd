"""The three digits of chapter 2, and the pictures of what learns to read them."""

from __future__ import annotations

import numpy as np
import pytest

from byhand import templates


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect the alt texts of the pictures that are shown."""
    import matplotlib

    matplotlib.use("Agg")
    texts: list[str] = []
    monkeypatch.setattr("byhand.figures.show", lambda figure, alt: texts.append(alt))
    return texts


def test_no_image_is_both_learned_from_and_read() -> None:
    images, truth, new_images, new_digits = templates.three_digits()
    known = {image.tobytes() for image in images}
    assert not any(image.tobytes() in known for image in new_images)
    assert truth.sum(axis=1).tolist() == [1.0] * len(images)
    assert set(new_digits.tolist()) == set(templates.DIGITS)


def test_the_goal_is_reached_by_gradient_descent(shown: list[str]) -> None:
    W = templates._learned()
    _, _, images, labels = templates.three_digits()
    assert np.mean(templates._read(W, images) == labels) > 0.98
    templates.show_goal()
    assert "each with the right digit above it" in shown[0]


def test_the_learned_templates_are_described_by_what_they_read(shown: list[str]) -> None:
    W = templates._learned()
    templates.show_learned(W, [0.33, 0.1, 0.02], [(0, 0.33), (385, 0.2)])
    assert "it falls to 0.020 within 2 of them" in shown[0]
    templates.show_learned(0 * W, [0.33])  # every image is taken for the first digit
    read = int(np.sum(templates.three_digits()[3] == templates.DIGITS[0]))
    assert f"{read} of 90 are right" in shown[1]


def test_methods_are_described_by_the_height_they_reach(shown: list[str]) -> None:
    path = np.array([[2.0, 0.0], [1.0, 0.0], [0.1, 0.0]])
    templates.show_methods({"descent": path}, lambda x: float(x @ x))
    assert shown == ["f against the step, on a log axis: descent reaches 1e-02 in 2 steps."]
