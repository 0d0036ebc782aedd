"""Explorers of chapter 4."""

from byhand.explorers.backprop.boundary import Boundary, two_moons
from byhand.explorers.backprop.flow import GradientFlow
from byhand.explorers.backprop.graph import GraphWalk
from byhand.explorers.backprop.moons import show_goal, show_learning
from byhand.explorers.backprop.program import show_program

__all__ = [
    "CHAPTER",
    "boundary_explorer",
    "flow_explorer",
    "graph_explorer",
    "show_goal",
    "show_learning",
    "show_program",
    "two_moons",
]

CHAPTER = "4_backprop"

graph_explorer = GraphWalk.open
flow_explorer = GradientFlow.open
boundary_explorer = Boundary.open
