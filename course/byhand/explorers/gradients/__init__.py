"""Explorers of chapter 2."""

from byhand.explorers.gradients.arrow import GradientArrow
from byhand.explorers.gradients.descent import Descent
from byhand.explorers.gradients.newton import NewtonStep
from byhand.explorers.gradients.softmax import Temperature
from byhand.explorers.gradients.warp import Warp

CHAPTER = "2_gradients"

gradient_explorer = GradientArrow.open
warp_explorer = Warp.open
softmax_explorer = Temperature.open
descent_explorer = Descent.open
newton_explorer = NewtonStep.open
