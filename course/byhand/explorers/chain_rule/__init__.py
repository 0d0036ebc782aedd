"""Explorers of chapter 3."""

from byhand.explorers.chain_rule.chain import Chain
from byhand.explorers.chain_rule.cost import Cost
from byhand.explorers.chain_rule.graph import GraphSteps
from byhand.explorers.chain_rule.paths import Paths

CHAPTER = "3_chain_rule"

chain_explorer = Chain.open
graph_explorer = GraphSteps.open
cost_explorer = Cost.open
paths_explorer = Paths.open
