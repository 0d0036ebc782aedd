"""Explorers of chapter 6."""

from byhand.explorers.stability.bench import Bench
from byhand.explorers.stability.depth import Depth
from byhand.explorers.stability.float16 import Float16
from byhand.explorers.stability.overflow import Overflow
from byhand.explorers.stability.precision import Precision

CHAPTER = "6_stability"

depth_explorer = Depth.open
float16_explorer = Float16.open
overflow_explorer = Overflow.open
bench_explorer = Bench.open
precision_explorer = Precision.open
