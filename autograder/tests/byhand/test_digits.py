import numpy as np

from byhand import digits


def test_the_digits_are_split_without_overlap_into_images_of_ink_from_0_to_1():
    found = digits.load()
    images = np.concatenate([found.train_images, found.test_images])
    labels = np.concatenate([found.train_labels, found.test_labels])
    assert images.shape == (1797, 8, 8) and images.dtype == np.float64
    assert labels.dtype == np.int64
    assert (images.min(), images.max()) == (0.0, 1.0)
    np.testing.assert_array_equal(images * 16, np.round(images * 16))
    np.testing.assert_array_equal(
        np.bincount(labels), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    )
    assert len(found.test_labels) == digits.HELD_OUT
    assert np.bincount(found.test_labels, minlength=10).min() >= 25


def test_what_a_caller_changes_stays_with_the_caller():
    digits.load().train_images[:] = 7
    assert digits.load().train_images.max() == 1.0


def test_the_nearest_training_image_mostly_shows_the_same_digit():
    found = digits.load()
    known, asked = found.train_images.reshape(-1, 64), found.test_images.reshape(-1, 64)
    nearest = ((asked[:, None] - known) ** 2).sum(axis=2).argmin(axis=1)
    assert np.mean(found.train_labels[nearest] == found.test_labels) > 0.97


def test_the_file_is_small():
    assert digits.FILE.stat().st_size < 60_000
