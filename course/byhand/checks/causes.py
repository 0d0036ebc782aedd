"""Likely causes of Python's and NumPy's errors, in words: one rule for each kind.

A rule takes a `Scene` and returns a sentence, or None. It speaks only where the error's own text
and the failing line leave no other reading; otherwise the reader gets the line and the error alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from types import BuiltinFunctionType, FunctionType

import numpy as np

from byhand.checks.own import own_raise
from byhand.checks.scene import (
    UNKNOWN,
    Scene,
    in_words,
    parameters_of,
    parts_of,
    source_of,
    value_of,
)
from byhand.checks.shapes import SHAPE_RULES

FUNCTION = r"'(?:function|Remote|Proxy|numpy\.ufunc|builtin_function_or_method|method)'"
PAIRS = {"EighResult": "eigh", "EigResult": "eig", "SVDResult": "svd", "QRResult": "qr"}
OTHERS = {"In", "Out", "exit", "quit", "get_ipython", "open"}
MOST_NAMES = 2000


def cause_of(scene: Scene) -> str | None:
    """Return the likely cause of an error; None if no rule knows it."""
    return next((said for rule in RULES if (said := rule(scene))), None)


def _found(pattern: str, scene: Scene) -> re.Match[str] | None:
    return re.search(pattern, scene.message)


def _called(node: ast.AST | None) -> str:
    """Return the function of a failing call as source, such as ``np.linalg.solve``."""
    return source_of(node.func) if isinstance(node, ast.Call) else ""


def _holding(scene: Scene, fits: Callable[[object], bool]) -> str | None:
    """Return the first name in the failing expression whose value fits."""
    parts = parts_of(scene.node) if scene.node else ()
    values = ((source_of(part), value_of(part, scene.names)) for part in parts)
    return next((name for name, value in values if value is not UNKNOWN and fits(value)), None)


def _nearest(name: str, others: Iterable[str]) -> str | None:
    """Return the name that was probably meant; None if none is near enough."""
    known = [o for o in others if not o.startswith("_") and o not in OTHERS][:MOST_NAMES]
    same = [other for other in known if other.lower() == name.lower()]
    return next(iter(same or get_close_matches(name, known, 1, 0.75)), None)


# -- truth, numbers and arrays ---------------------------------------------------------------


def truth_of_an_array(scene: Scene) -> str | None:
    """Recognize `if x > 0:`, `max(0, x)` and `a and b` where a single True or False is needed."""
    if not _found(r"^The truth value of an array", scene):
        return None
    called = _called(scene.node)
    if called in ("max", "min") and isinstance(scene.node, ast.Call):
        if len(scene.node.args) == 2:
            inner = ", ".join(map(source_of, scene.node.args))
            return (
                f"{called} compares its arguments as wholes; np.{called}imum({inner}) compares "
                "entry by entry"
            )
        return f"Python's {called} compares rows as wholes; np.{called} takes an array of any shape"
    word = re.match(r"(if|elif|while)\b", scene.line)
    if word:
        return (
            f"`{word[1]}` needs one True or False, and an array has one for each entry: choose "
            "entry by entry with np.where, or multiply by the mask"
        )
    if re.search(r"\b(and|or|not)\b", scene.line):
        return (
            "`and`, `or` and `not` need one True or False; for arrays write &, | and ~, with "
            "brackets around each comparison"
        )
    if isinstance(scene.node, ast.Compare) and len(scene.node.ops) > 1:
        return "a chained comparison doesn't work on arrays: write (a < x) & (x < b)"
    return "Python needs one True or False here, and an array has one for each entry"


def length_of_a_number(scene: Scene) -> str | None:
    """Recognize `len` of a single number."""
    if _found(r"type '(float|int|numpy\.\w+)' has no len|^len\(\) of unsized", scene):
        return "a single number has no length; np.size(x) counts entries of numbers and arrays"
    return None


def one_number_only(scene: Scene) -> str | None:
    """Recognize `math.exp` or `float` of an array."""
    if not _found(r"only (length-1|0-dimensional|size-1) arrays can be converted", scene):
        return None
    name = _called(scene.node)
    function = value_of(scene.node.func, scene.names) if isinstance(scene.node, ast.Call) else None
    built_in = type(function) is BuiltinFunctionType and function.__module__ == "math"
    if name.startswith("math.") or built_in:
        own = name.removeprefix("math.")
        better = f"; np.{own} works entry by entry" if hasattr(np, own) else ""
        return f"{name} takes a single number, not an array{better}"
    if name in ("float", "int"):
        return f"{name}(...) makes a single number, so it can't take an array of several"
    return "an array of several entries is used where a single number is needed"


def integer_power(scene: Scene) -> str | None:
    """Recognize ``x ** -1`` of integers."""
    if _found(r"^Integers to negative integer powers", scene):
        return (
            "an array of integers can't hold 1/2: convert it first, "
            "x = np.asarray(x, dtype=np.float64)"
        )
    return None


def xor(scene: Scene) -> str | None:
    """Recognize `x ^ n`."""
    if _found(r"for \^=?: |'bitwise_xor' not supported", scene):
        return "in Python, ^ is the bitwise exclusive or; a power is written x ** n"
    return None


def integers_in_place(scene: Scene) -> str | None:
    """Recognize `x += 0.5` on an array of integers."""
    if _found(r"^Cannot cast ufunc .* from dtype\('float\d+'\) to dtype\('u?int", scene):
        return (
            "an array of integers can't take fractions in place; make it float64 first, "
            "for example np.zeros_like(x, dtype=np.float64)"
        )
    return None


def division_by_zero(scene: Scene) -> str | None:
    """Recognize a division of Python numbers by zero, and a negative power of 0."""
    if scene.kind != "ZeroDivisionError":
        return None
    if _found(r"negative power", scene):
        return (
            "0 ** n divides by 0 where n is negative, as n - 1 is for n = 0: such an exponent "
            "needs a case of its own"
        )
    return "a Python number is divided by 0, which raises; a NumPy division gives inf or nan"


def list_as_array(scene: Scene) -> str | None:
    """Recognize arithmetic with a list."""
    named = _found(r"^unsupported operand.*'list'", scene)
    if named or _found(r"^can't multiply sequence by non-int of type '(numpy\.)?float", scene):
        if _holding(scene, lambda value: type(value) is list):
            return "a list does no arithmetic: convert it with np.asarray first"
    return None


# -- functions -------------------------------------------------------------------------------


def not_called(scene: Scene) -> str | None:
    """Recognize `df * dx`, where `df(x) * dx` is meant."""
    given = _given_for_an_array(scene)
    if not given and not _found(
        rf"^(?:unsupported operand|bad operand).*{FUNCTION}|instances of .*{FUNCTION}"
        rf"|of type (?:function|Remote|Proxy) which has no callable|^{FUNCTION} object is not sub",
        scene,
    ):
        return None
    name = given or (None if isinstance(scene.node, ast.Call) else _holding(scene, _is_function))
    if name is None:
        return "a function is used as a number: call it, with its arguments in brackets"
    return f"`{name}` is a function, not a number: call it, for example {name}(x)"


def _given_for_an_array(scene: Scene) -> str | None:
    """Return the function that np.diag or np.linalg.solve is given in place of an array."""
    node = scene.node
    message = r"^Input must be 1- or 2-d|^0-dimensional array given"
    if not (_found(message, scene) and isinstance(node, ast.Call)):
        return None
    named = (source_of(a) for a in node.args if _is_function(value_of(a, scene.names)))
    return next(named, None)


def _is_function(value: object) -> bool:
    return in_words(value) == "a function" or type(value).__name__ in ("Remote", "Proxy")


def nothing_there(scene: Scene) -> str | None:
    """Recognize the None of a function that has no `return`."""
    if not _found(r"NoneType", scene):
        return None
    node = scene.node
    if _found(r"^'NoneType' object is not callable", scene):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Call):
            maker = _called(node.func)
            return (
                f"{maker} returns None where a function is needed: after the inner function is "
                f"defined, the outer one must return it"
            )
        if not isinstance(node, ast.Call) or value_of(node.func, scene.names) is not None:
            return (
                "a function of yours returns None where a function is needed: after the inner "
                "function is defined, the outer one must return it"
            )
        return (
            f"`{_called(node)}` is None, not a function: does the function that makes it return "
            "its inner function?"
        )
    if not scene.theirs:
        return (
            "a function of yours returns None where this check needs a value: is `return` missing?"
        )
    sides = _found(r"'([\w.]+)' and '([\w.]+)'$", scene)
    if sides and isinstance(node, ast.BinOp):
        side = node.left if sides[1] == "NoneType" else node.right
        if isinstance(side, ast.Call) and type(value_of(side.func, scene.names)) is FunctionType:
            return f"{_called(side)}(...) returns None: does it lack a `return`?"
    empty = _holding(scene, lambda value: value is None)
    start = f"`{empty}` is None" if empty else "a value is None"
    return (
        f"{start}: it is an argument that was left out, or the function that should have given it "
        "a value lacks a `return`"
    )


def calls_itself(scene: Scene) -> str | None:
    """Recognize a recursion without an end."""
    if scene.kind != "RecursionError":
        return None
    late = _holding(scene, _holds_itself)
    if late:
        return (
            f"`{late}` is looked up when the lambda is called, and is by then the lambda itself: "
            f"keep what it is now as a default, lambda x, {late}={late}: ..."
        )
    name = scene.most_called
    name = "a function" if not name or name.startswith("<") else name
    return (
        f"{name} calls itself too deeply: either no case returns without another call, or the "
        "chain is longer than Python allows (about 1,000 calls) and needs a loop"
    )


def _holds_itself(value: object) -> bool:
    """Return whether a value is a lambda that finds itself under one of the names that it uses."""
    if type(value) is not FunctionType or value.__name__ != "<lambda>":
        return False
    return any(cell.cell_contents is value for cell in value.__closure__ or ())


def wrong_arguments(scene: Scene) -> str | None:
    """Recognize a call that doesn't fit the function's parameters."""
    m = _found(
        r"^([\w.<>]+)\(\) (takes|missing|got (?:an unexpected|multiple|some))(?:.*'(\w+)')?", scene
    )
    if not m:
        return None
    name = m[1].split(".")[-1]
    takes = parameters_of(scene.names.get(name)) if name == m[1] else None
    stated = f"; it is defined as {name}({', '.join(takes)})" if takes is not None else ""
    if m[2].startswith("got an unexpected"):
        near = _nearest(m[3], takes or ()) if m[3] else None
        meant = f", did you mean {near}?" if near else ""
        return f"{name} has no parameter called {m[3]}{meant}{stated}"
    if "." in m[1] and "<locals>" not in m[1] and "takes" in m[2]:
        return f"{name} is called with too many arguments: is its first parameter `self`?"
    return f"{name} is called with a different number of arguments than it takes{stated}"


def number_called(scene: Scene) -> str | None:
    """Recognize `2 (x + 1)` and `x(0)`."""
    m = _found(r"^'(float|int|numpy\.\w+)' object is not callable", scene)
    if not m:
        return None
    node = scene.node
    if isinstance(node, ast.Call) and type(value_of(node.func, scene.names)) is FunctionType:
        return (  # the call is of the check, which called what it got
            "a function of yours returns a value where a function is needed: return the inner "
            "function itself, without calling it"
        )
    name = _called(node) or "it"
    if m[1] == "numpy.ndarray":
        return f"`{name}` is an array: brackets after it mean a call; an entry is {name}[...]"
    return f"`{name}` is a number, and brackets after it mean a call: is a * missing between them?"


# -- names -----------------------------------------------------------------------------------


def undefined(scene: Scene) -> str | None:
    """Recognize a missing `np.`, a misspelled name, and a local name without a value."""
    if scene.kind == "UnboundLocalError":
        m = _found(r"variable '(\w+)'", scene)
        name = f"`{m[1]}`" if m else "the name"
        return (
            f"{name} has no value yet: the function assigns to it somewhere, which makes it local "
            "to the function, but not before this line"
        )
    m = _found(r"name '(\w+)' is not defined", scene)
    if not m:
        return None
    name = m[1]
    if len(name) > 1 and name in np.__all__:
        return f"`np.` is missing: write np.{name}"
    if name == "x" and re.search(r"as a function|Returns\s+-+\s+callable", _doc(scene)):
        return (
            "x has a value only when the returned function is called: define an inner function "
            "of x, and return that function itself"
        )
    if name in _own_names(scene.names.get("self")):
        return f"`self.` is missing: write self.{name}"
    near = _nearest(name, scene.names)
    if near:
        return f"`{name}` is defined nowhere; did you mean {near}?"
    return (
        f"`{name}` is defined nowhere: is it misspelled, or was the cell that defines it not run?"
    )


def _doc(scene: Scene) -> str:
    """Return the docstring of the function that failed."""
    function = scene.names.get(scene.function)
    return (function.__doc__ or "") if type(function) is FunctionType else ""


def no_attribute(scene: Scene) -> str | None:
    """Recognize a misspelled attribute, and one that was never set."""
    if scene.kind != "AttributeError" or not scene.attribute or scene.thing is UNKNOWN:
        return None
    if scene.thing is np:
        near = _nearest(scene.attribute, np.__all__)
        meant = f"; did you mean np.{near}?" if near else ""
        return f"NumPy has no {scene.attribute}{meant}"
    if type(scene.thing) in (int, float, list) and hasattr(np.ndarray, scene.attribute):
        word = "a list" if type(scene.thing) is list else "a Python number"
        return f"{word} has no {scene.attribute}, an array has: np.asarray(x) makes one"
    if type(scene.thing).__module__ != "__main__":
        return None
    near = _nearest(scene.attribute, _own_names(scene.thing))
    meant = f"; did you mean {near}?" if near else ": is it set in another method, or not at all?"
    return f"the object has no attribute {scene.attribute}{meant}"


def _own_names(thing: object) -> list[str]:
    """Return the attributes of an object of a student's class, without running what it defines."""
    try:
        own = object.__getattribute__(thing, "__dict__")
    except Exception:
        return []
    return [name for name in own if type(name) is str] if type(own) is dict else []


def several_results(scene: Scene) -> str | None:
    """Recognize eigh's pair used as an array."""
    said = next((kind for kind in PAIRS if kind in scene.message), None)
    if said is None and _found("inhomogeneous shape", scene) and scene.node:
        calls = [_called(node) for node in ast.walk(scene.node) if isinstance(node, ast.Call)]
        said = next((k for k, f in PAIRS.items() if f"np.linalg.{f}" in calls), None)
        held = _holding(scene, lambda value: type(value).__name__ in PAIRS)
        if said is None and held:
            return f"`{held}` is a pair of arrays, not one array: take it apart first"
    if said is None:
        return None
    if said in ("EighResult", "EigResult"):
        name, alone = ("eigh", "eigvalsh") if said == "EighResult" else ("eig", "eigvals")
        return (
            f"np.linalg.{name} returns a pair: write values, vectors = np.linalg.{name}(A), or "
            f"np.linalg.{alone}(A) for the eigenvalues alone"
        )
    return f"np.linalg.{PAIRS[said]} returns several arrays: take them apart first"


def unpacking(scene: Scene) -> str | None:
    """Recognize the wrong number of values on the right of `a, b = ...`."""
    m = _found(r"values to unpack \(expected (?:at least )?(\d+)(?:, got (\d+))?\)", scene)
    if m:
        got = m[2] or ("more" if "too many" in scene.message else "fewer")
        return f"{m[1]} names are to the left of =, but the right side has {got} values"
    m = _found(r"^cannot unpack non-iterable ([\w.]+)", scene)
    if m and m[1] != "NoneType":
        return "several names are to the left of =, but the right side is a single value"
    return None


RULES: tuple[Callable[[Scene], str | None], ...] = (
    own_raise, truth_of_an_array, length_of_a_number, one_number_only, integer_power, xor,
    integers_in_place, division_by_zero, several_results, nothing_there, not_called, list_as_array,
    calls_itself, wrong_arguments, number_called, undefined, no_attribute, unpacking, *SHAPE_RULES,
)  # fmt: skip
