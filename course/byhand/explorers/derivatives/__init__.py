"""Explorers of chapter 1."""

from byhand.explorers.derivatives.activation import Activation
from byhand.explorers.derivatives.error import DifferenceError
from byhand.explorers.derivatives.fit import Fit
from byhand.explorers.derivatives.secant import Secant

CHAPTER = "1_derivatives"

fit_explorer = Fit.open
secant_explorer = Secant.open
activation_explorer = Activation.open
error_explorer = DifferenceError.open
