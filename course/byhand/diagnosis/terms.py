"""Mistakes in a sum of terms, for any exercise that names its terms."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

import numpy as np

from byhand.diagnosis.evidence import Evidence, explains, fits, same
from byhand.diagnosis.numbers import constant_factor, sign_flipped

Factors = dict[str, np.ndarray]
Slip = tuple[str, np.ndarray]  # what is said of a term, and by how much the sum changes

RTOL = 1e-9  # round-off; the terms are exact
COEFFICIENTS = {
    0.0: "is missing",
    -1.0: "has the wrong sign",
    2.0: "is counted twice",
    0.5: "is only half of what it should be",
    -2.0: "has the wrong sign and is counted twice",
    -0.5: "has the wrong sign and is only half of what it should be",
}


def wrong_terms(e: Evidence) -> Iterator[str]:
    """Recognize terms that are lost, doubled or subtracted, and factors lost in one of them.

    The result is compared with what each slip, or two slips in different terms, would give. It
    says nothing unless the points tell the terms apart and there are more points than terms.
    """
    shape = e.expected.shape
    named = {name: _factors(name, term) for name, term in e.terms.items()}
    fitting = all(fits(value, shape) for factors in named.values() for value in factors.values())
    if len(named) < 2 or e.actual.shape != shape or not fitting:
        return
    terms = {
        name: {k: np.broadcast_to(np.asarray(v, dtype=float), shape) for k, v in factors.items()}
        for name, factors in named.items()
    }
    values = {name: np.asarray(np.prod(list(terms[name].values()), axis=0)) for name in terms}
    if not _tell_apart(values, e):
        return
    if any(sign_flipped(e)) or any(constant_factor(e)):  # the same slip in every term
        return
    total = np.sum(list(values.values()), axis=0)
    shared = set.intersection(*(set(factors) for factors in terms.values()))
    slips = {name: list(_slips(name, terms[name], values[name], shared)) for name in terms}
    singles = [slip for found in slips.values() for slip in found]
    whole = [*_slips_of_all(terms, total, shared), *_swaps(terms, values)]
    found = [said for said, change in [*singles, *whole] if explains(e, total + change, RTOL)]
    if not found and e.expected.size >= 2 * len(terms):
        for one, other in itertools.combinations(slips.values(), 2):
            for (first, change), (second, more) in itertools.product(one, other):
                if explains(e, total + change + more, RTOL):
                    found.append(f"{first}, and {second}")
    yield from found


def _factors(name: str, term: object) -> Mapping[str, object]:
    """Return a term as its factors by name; a plain array is its own only factor."""
    return term if isinstance(term, Mapping) else {name: term}


def _tell_apart(values: Factors, e: Evidence) -> bool:
    """Return whether the terms add up to the right result and are independent on these points."""
    columns = np.stack([value.ravel() for value in values.values()], axis=1)
    if len(columns) <= len(values) or not np.isfinite(columns).all():
        return False
    lengths = np.linalg.norm(columns, axis=0)
    if not lengths.all() or not same(columns.sum(axis=1), e.expected.ravel()):
        return False
    return int(np.linalg.matrix_rank(columns / lengths, tol=1e-6)) == len(values)


def _slips(name: str, factors: Factors, value: np.ndarray, shared: set[str]) -> Iterator[Slip]:
    """Return what can go wrong in one term; a name like "the path through z" is its own noun."""
    term = name if name.startswith("the ") else f"the term {name}"
    for coefficient, said in COEFFICIENTS.items():
        yield f"{term} {said}", (coefficient - 1) * value
    for factor, by in factors.items() if len(factors) > 1 else ():
        brackets = ": it belongs to every term, so look at the brackets" if factor in shared else ""
        yield f"the factor {factor} is missing in {term}{brackets}", value / by - value
        yield f"the factor {factor} is applied twice in {term}", value * by - value
        yield f"{term} is divided by {factor}, not multiplied", value / by**2 - value


def _slips_of_all(terms: dict[str, Factors], total: np.ndarray, shared: set[str]) -> Iterator[Slip]:
    """Return what can go wrong with a factor that all terms share."""
    for factor in sorted(shared):
        by = next(iter(terms.values()))[factor]
        yield f"the factor {factor} is missing in every term", total / by - total
        yield f"the factor {factor} is applied twice in every term", total * by - total
        yield f"every term is divided by {factor}, not multiplied", total / by**2 - total


def _swaps(terms: dict[str, Factors], values: Factors) -> Iterator[Slip]:
    """Return what it would change if two terms exchanged a factor, each change once."""
    seen: list[np.ndarray] = []
    for (one, left), (other, right) in itertools.combinations(terms.items(), 2):
        for (a, by_a), (b, by_b) in itertools.product(left.items(), right.items()):
            if min(len(left), len(right)) < 2 or a in right or b in left:
                continue
            ratio = by_b / by_a
            change = values[one] * (ratio - 1) + values[other] * (1 / ratio - 1)
            if not any(same(change, earlier) for earlier in seen):
                seen.append(change)
                yield f"the factors {a} and {b} are swapped", change
