"""Likely causes of NumPy's errors about shapes and indices, in words: one rule for each kind."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from types import ModuleType

import numpy as np

from byhand.checks.scene import UNKNOWN, Scene, parameters_of, source_of, value_of

Shape = tuple[int, ...]


def _shape(node: ast.AST, scene: Scene) -> Shape | None:
    value = value_of(node, scene.names)
    return value.shape if type(value) is np.ndarray else None


def reversed_axes(scene: Scene) -> str | None:
    """Recognize `.T` on three axes, which reverses all of them, and `.swapaxes(0, 1)` there."""
    if scene.kind != "ValueError" or not re.search(r"mismatch|broadcast|aligned", scene.message):
        return None
    for node in ast.walk(scene.node) if scene.node else ():
        if isinstance(node, ast.Attribute) and node.attr == "T":
            shape = _shape(node.value, scene)
            if shape is not None and len(shape) > 2:
                name = source_of(node.value)
                return (
                    f"`.T` reverses all axes of {name}: {shape} becomes {shape[::-1]}; "
                    f"np.swapaxes({name}, -1, -2) swaps the last two"
                )
        swapped = _swapped_axes(node, scene)
        if swapped is not None:
            return swapped
    return None


def _swapped_axes(node: ast.AST, scene: Scene) -> str | None:
    """Return what `swapaxes` of a stack of matrices does where one of the axes is the stack's."""
    if not (isinstance(node, ast.Call) and source_of(node.func).endswith("swapaxes")):
        return None
    parts = node.args if source_of(node.func) == "np.swapaxes" else [
        *([node.func.value] if isinstance(node.func, ast.Attribute) else []), *node.args
    ]  # fmt: skip
    if len(parts) != 3:
        return None
    shape, (a, b) = _shape(parts[0], scene), (value_of(axis, scene.names) for axis in parts[1:])
    if shape is None or len(shape) < 3 or type(a) is not int or type(b) is not int:
        return None
    if {a % len(shape), b % len(shape)} == {len(shape) - 2, len(shape) - 1}:
        return None
    name = source_of(parts[0])
    return (
        f"{name} has the shape {shape}, and this swaps axes {a} and {b}; np.swapaxes({name}, -1, "
        "-2) swaps the last two, however many there are"
    )


def swapped_solve(scene: Scene) -> str | None:
    """Recognize ``np.linalg.solve(b, A)``."""
    node = scene.node
    if not (isinstance(node, ast.Call) and source_of(node.func).endswith("linalg.solve")):
        return None
    first, second = ([_shape(arg, scene) for arg in node.args] + [None, None])[:2]
    vector = re.match(r"^[01]-dimensional array given", scene.message)
    square = second is not None and len(second) == 2 and second[0] == second[1]
    if vector or (square and first != second and "square" in scene.message):
        a, b = [source_of(arg) for arg in node.args[:2]] if len(node.args) > 1 else ("A", "b")
        return (
            f"the matrix comes first, then the right-hand side; `{a}` is not a square matrix. "
            f"Did you mean np.linalg.solve({b}, {a})?"
        )
    return None


def matmul(scene: Scene) -> str | None:
    """Recognize a matrix product whose inner sizes differ."""
    m = re.search(r"matmul: .*core dimension 0, .*\(size (\d+) is different from (\d+)\)",
                  scene.message)  # fmt: skip
    if not m:
        m = re.search(r"^shapes .* not aligned: (\d+) \(dim \d\) != (\d+)", scene.message)
        m = m and re.match(r"(\d+) (\d+)", f"{m[2]} {m[1]}")
    if m:
        left, right = _named_sides(scene)
        return (
            f"a matrix product sums over the last axis{left} on the left (size {m[2]}) and the "
            f"matching axis{right} on the right (size {m[1]}), which must agree: "
            f"{_fitting_product(scene)}"
        )
    m = re.search(r"^matmul: Input operand ([01]) does not have enough dimensions", scene.message)
    if m:
        side = ("left", "right")[int(m[1])]
        return f"@ multiplies vectors and matrices, but its {side} side is a single number: use *"
    return None


def _sides(scene: Scene) -> tuple[ast.expr, ast.expr] | None:
    """Return the operands of the failing operation, if it has two."""
    if isinstance(scene.node, ast.BinOp):
        return scene.node.left, scene.node.right
    if isinstance(scene.node, ast.AugAssign):
        return scene.node.target, scene.node.value
    return None


def _named_sides(scene: Scene) -> tuple[str, str]:
    """Return the operands as a student wrote them, each with "of" before it."""
    left, right = _sides(scene) or (None, None)
    return _of(left, scene), _of(right, scene)


def _of(node: ast.AST | None, scene: Scene) -> str:
    """Return " of `W`"; nothing for a name or an attribute that may hold anything."""
    plain = isinstance(node, ast.Name | ast.Attribute)
    if node is None or (plain and value_of(node, scene.names) is UNKNOWN):
        return ""
    return f" of `{source_of(node)}`"


def _fitting_product(scene: Scene) -> str:
    """Return the product that fits if a `.T` is put in, or which there may be."""
    sides = _sides(scene)
    a, b = (_shape(side, scene) or () for side in sides) if sides else ((), ())
    if sides and len(a) == len(b) == 2:
        left, right = map(source_of, sides)
        fits = {
            f"{_turned(left)} @ {right}": a[0] == b[0],
            f"{left} @ {_turned(right)}": a[1] == b[1],
            f"{right} @ {left}": b[1] == a[0],
            f"{_turned(left)} @ {_turned(right)}": a[0] == b[1],
        }
        found = [product for product, fit in fits.items() if fit]
        if len(found) == 1:
            return f"of the ways to transpose or swap them, only `{found[0]}` fits"
    return "is a `.T` or a factor missing or one too many, or is the order of the factors swapped?"


def _turned(name: str) -> str:
    return name[:-2] if name.endswith(".T") else f"{name}.T"


def broadcasting(scene: Scene) -> str | None:
    """Recognize shapes that do not match entry by entry."""
    m = re.search(r"^non-broadcastable output operand with shape \((.*?)\) doesn't match the "
                  r"broadcast shape \((.*?)\)", scene.message)  # fmt: skip
    if m:
        small, large = _read(m[1]), _read(m[2])
        return (
            f"an operation in place keeps the shape {small} of its left side, and the result has "
            f"shape {large}: must the right side be summed first?"
        )
    m = re.search(r"^could not broadcast input array from shape \((.*?)\) into shape \((.*?)\)",
                  scene.message)  # fmt: skip
    if m:
        return f"an array of shape {_read(m[1])} is assigned to entries of shape {_read(m[2])}"
    if "remapped shapes" in scene.message:
        return "np.einsum has one letter for axes of different sizes: compare letters and shapes"
    m = re.search(r"broadcast together with shapes \((.*?)\) \((.*?)\)(?: \(.*?\))?\s*$",
                  scene.message)  # fmt: skip
    if not m:
        return None
    left, right = _read(m[1]), _read(m[2])
    pairs = list(zip(left[::-1], right[::-1], strict=False))
    bad = next(((a, b) for a, b in pairs if a != b and 1 not in (a, b)), None)
    if bad is None:
        return None
    start = f"shapes are compared from the last axis backward, and {bad[0]} doesn't match {bad[1]}"
    small, large = sorted((left, right), key=len)
    given = _is_given(small, scene)
    sides = _sides(scene)
    names = [source_of(side) for side in sides] if sides else ["", ""]
    if left != small:
        names.reverse()
    own, other = (f"`{n}`, of shape {s}," for n, s in zip(names, (small, large), strict=True))
    if not given and small and small == large[:-1]:
        kept = (*small, 1)
        return (
            f"{start}. An axis is missing: with shape {kept} it would match, as keepdims=True "
            "gives after a sum over the last axis"
        )
    if not sides:
        return start
    if len(small) == 1 and large.count(small[0]) == 1:  # not its last axis, which doesn't match
        axis = large.index(small[0])
        kept = (*small, *[1] * (len(large) - axis - 1))
        return (
            f"{own} is lined up with the last axis of {other} but has the length of axis {axis}: "
            f"with the shape {kept} it would line up there"
        ) + (", as keepdims=True keeps it" if not given else "")
    if len(small) == len(large) == 2 and small == large[::-1]:
        return f"{start}: {own} has the shape of the transpose of {other.removesuffix(',')}"
    return start


def _is_given(shape: Shape, scene: Scene) -> bool:
    """Return whether one of the operands, of such a shape, is an argument as it was passed."""
    given = parameters_of(scene.names.get(scene.function)) or ()
    sides = _sides(scene) or ()
    return any(source_of(side) in given and _shape(side, scene) == shape for side in sides)


def _read(text: str) -> Shape:
    return tuple(int(size) for size in re.findall(r"\d+", text))


def mask(scene: Scene) -> str | None:
    """Recognize a boolean mask of another shape than the array."""
    m = re.search(r"^boolean index did not match.* along (?:axis|dimension) (\d+)\D*(\d+)\D*(\d+)",
                  scene.message)  # fmt: skip
    if m:
        last = _last_axes(scene)
        if last:
            return (
                f"the mask belongs to the last axes of {last}, and a boolean index to the first: "
                "np.where(mask, a, b) chooses entry by entry, and broadcasts"
            )
        return (
            f"the mask has size {m[3]} along axis {m[1]} where the array has size {m[2]}: was it "
            "made from another array?"
        )
    m = re.search(r"boolean array indexing assignment cannot assign (\d+) .*to the (\d+)",
                  scene.message)  # fmt: skip
    if m:
        return (
            f"the mask selects {m[2]} entries and gets {m[1]} values: use the same mask on both "
            "sides of ="
        )
    return None


def _last_axes(scene: Scene) -> str | None:
    """Return the array whose last axes have the shape of the mask that indexes it."""
    for node in ast.walk(scene.node) if scene.node else ():
        if isinstance(node, ast.Subscript):
            shape = _shape(node.value, scene) or ()
            masks = (_shape(part, scene) for part in ast.walk(node.slice))
            if any(m and len(m) < len(shape) and m == shape[-len(m) :] for m in masks):
                return source_of(node.value)
    return None


def index(scene: Scene) -> str | None:
    """Recognize an index that is too large, one too many, or not an integer."""
    m = re.search(r"^index (-?\d+) is out of bounds for axis (\d+) with size (\d+)", scene.message)
    if m:
        size = int(m[3])
        if size == 0:
            return f"axis {m[2]} has no entries"
        said = f"axis {m[2]} has the indices 0 to {size - 1}, so {m[1]} is beyond its end"
        return said + _longer_axis(scene, int(m[1]), int(m[2]))
    if re.search(r"^(list|tuple) index out of range", scene.message):
        return "a sequence of n entries has the indices 0 to n - 1"
    m = re.search(r"^too many indices for array: array is (\d+)-dim.*but (\d+) were", scene.message)
    if m:
        axes = "axis" if m[1] == "1" else "axes"
        return f"the array has {m[1]} {axes}, and the line gives {m[2]} indices"
    if re.search(r"^'(float|int)' object is not subsc|^invalid index to scalar", scene.message):
        return "a single number has no entries to index: is it an array for other inputs only?"
    if re.search(r"^'float' object cannot be interpreted as an integer", scene.message):
        return "sizes and ranges are integers: / gives a float, // an integer"
    if re.search(r"^axes don't match array", scene.message):
        return (
            "a transposition lists every axis of the array once; np.swapaxes(x, -1, -2) swaps the "
            "last two, however many there are"
        )
    if re.search(r"^only integers, slices|^(list|tuple) indices must be", scene.message):
        return "an index must be an integer: / gives a float, // an integer"
    m = re.search(r"^axis (-?\d+) is out of bounds for array of dimension (\d+)", scene.message)
    if m:
        axes = "only axis 0" if m[2] == "1" else f"{m[2]} axes, numbered from 0"
        last = "" if m[1].startswith("-") else "; axis -1 is the last one, however many there are"
        return f"{_reduced(scene)} has {axes}, so there is no axis {m[1]}{last}"
    return None


def _reduced(scene: Scene) -> str:
    """Return what a failing call such as `x.sum(axis=1)` or `np.sum(x, axis=1)` is applied to."""
    node = scene.node
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return "the array"
    owner = node.func.value
    if value_of(owner, scene.names) is np:
        return f"`{source_of(node.args[0])}`" if node.args else "the array"
    return f"`{source_of(owner)}`" if not _is_module(owner, scene) else "the array"


def _is_module(node: ast.AST, scene: Scene) -> bool:
    return type(value_of(node, scene.names)) is ModuleType


def _longer_axis(scene: Scene, index: int, axis: int) -> str:
    """Return which axis of the array has such an index, if only one has."""
    if not isinstance(scene.node, ast.Subscript):
        return ""
    array = value_of(scene.node.value, scene.names)
    if type(array) is not np.ndarray:
        return ""
    longer = [k for k, size in enumerate(array.shape) if k != axis and 0 <= index < size]
    if len(longer) != 1:
        return ""
    size = array.shape[longer[0]]
    name = source_of(scene.node.value)
    return f"; axis {longer[0]} of `{name}` has {size} entries: is that one meant?"


def ragged(scene: Scene) -> str | None:
    """Recognize rows of different lengths made into an array."""
    if re.search("inhomogeneous shape", scene.message):
        return "the parts have different shapes, so they don't make one array"
    return None


SHAPE_RULES: tuple[Callable[[Scene], str | None], ...] = (
    reversed_axes, swapped_solve, matmul, broadcasting, mask, index, ragged,
)  # fmt: skip
