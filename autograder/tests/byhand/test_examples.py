import doctest
import importlib
import pkgutil

import pytest

import autograder
import byhand

MODULES = [
    module.name
    for package in (byhand, autograder)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_are_true(name: str) -> None:
    outcome = doctest.testmod(importlib.import_module(name))
    assert outcome.failed == 0
