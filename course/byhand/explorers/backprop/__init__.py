"""Explorers of chapter 4."""

from byhand.explorers.backprop.boundary import Boundary
from byhand.explorers.backprop.flow import GradientFlow
from byhand.explorers.backprop.graph import GraphWalk

CHAPTER = "4_backprop"

graph_explorer = GraphWalk.open
flow_explorer = GradientFlow.open
boundary_explorer = Boundary.open
