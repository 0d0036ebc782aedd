"""Numerical derivatives with an error estimate, by central differences.

The steps of an entry of x start near ``max(1, |x|) / 8`` and shrink 256 times; the results are
extrapolated and judged in `byhand.differences.extrapolation`. All points are fetched in one request
to f, in three at most where f has another scale, leaves its domain, has a kink or a jump. Scales
from 1e-7 to 1000 times ``max(1, |x|)`` are found; a kink nearer than 1e-7 of that counts as one at
x. f is taken to be as exact as its dtype allows, within a few roundings; where it is noisier, the
error estimate grows, but it is then a bound within a factor of ten rather than exactly.
"""

from byhand.differences.calls import evaluate_many
from byhand.differences.derivatives import derivative, gradient, hessian, jacobian, vjp
from byhand.differences.extrapolation import Estimate

__all__ = [
    "Estimate",
    "derivative",
    "evaluate_many",
    "gradient",
    "hessian",
    "jacobian",
    "vjp",
]
