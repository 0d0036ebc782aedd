"""Plain data crosses the wire exactly, in both directions; nothing else does."""

from __future__ import annotations

import contextlib
import copy
import math
import socket
import time

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.engine.text import encodable, printable
from autograder.engine.wire.changes import Snapshot, apply_changes
from autograder.engine.wire.channel import Channel, Closed, OutOfTime, WireError
from autograder.engine.wire.values import Foreign, pack, unpack


def refuse(value: object) -> list:
    raise Foreign(value)


def resolve(reference: list) -> object:
    raise WireError("a reference")


def across(value: object) -> object:
    """Return what arrives on the other side."""
    message = msgspec.msgpack.decode(msgspec.msgpack.encode(pack(value, refuse)))
    return unpack(message, resolve)


def same(one: object, other: object) -> bool:
    """Whether two values are of one type and alike, NaN and the sign of zero included."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return (one.dtype, one.shape) == (
            other.dtype,
            other.shape,
        ) and one.tobytes() == other.tobytes()
    if isinstance(one, np.generic):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    return repr(one) == repr(other)


DTYPES = (hnp.boolean_dtypes() | hnp.integer_dtypes(endianness="=")
          | hnp.floating_dtypes(endianness="=", sizes=(16, 32, 64))
          | hnp.complex_number_dtypes(endianness="=", sizes=(64, 128)))  # fmt: skip
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, min_side=0, max_side=4))
SCALARS = (st.none() | st.booleans() | st.integers() | st.integers(-(2**9000), 2**9000)
           | st.floats() | st.complex_numbers() | st.text() | st.binary(max_size=20))  # fmt: skip
PLAIN = st.recursive(
    SCALARS | ARRAYS | ARRAYS.map(lambda array: array.ravel()[0] if array.size else array),
    lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple)
    | st.dictionaries(st.text() | st.integers() | st.floats(allow_nan=False), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=300)
@given(PLAIN)
def test_plain_data_arrives_as_it_was(value):
    assert same(across(value), value)


MESSAGES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats()
    | st.text(max_size=8) | st.binary(max_size=20)
    | st.sampled_from([*"altdscSTIGNHFwik"])
    | st.sampled_from(["<f8", "|b1", "|O", "PCG64", "MT19937", "0x-1", "load"]),
    lambda inner: st.lists(inner, max_size=5)
    | st.tuples(st.sampled_from("altdscSTIGNHF"), inner, inner).map(list)
    | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=15,
)  # fmt: skip
EXACT = {type(None), bool, int, float, complex, str, bytes, list, tuple, dict, slice, type,
         np.ndarray, np.random.Generator, np.ufunc}  # fmt: skip


@settings(max_examples=800)
@given(MESSAGES)
def test_what_is_not_a_message_is_refused_and_what_is_has_exact_types(message):
    try:
        value = unpack(message, resolve)
    except WireError:
        return
    assert type(value) in EXACT or isinstance(value, np.generic)


@settings(max_examples=500)
@given(st.binary(max_size=200))
def test_no_bytes_bring_a_channel_down(content):
    one, other = socket.socketpair()
    with contextlib.closing(Channel(one)) as channel:
        with other:
            other.sendall(len(content).to_bytes(4, "big") + content)
        with contextlib.suppress(WireError):
            unpack(channel.receive(), resolve)


@settings(max_examples=400)
@given(PLAIN, MESSAGES)
def test_no_change_brings_the_other_side_down(original, change):
    with contextlib.suppress(WireError):
        apply_changes(original, change, resolve)


@settings(max_examples=300)
@given(st.lists(PLAIN, max_size=4), st.data())
def test_changes_in_place_come_back(value, data):
    def wreak(item: object) -> None:
        if isinstance(item, np.ndarray) and item.size and data.draw(st.booleans()):
            item[...] = item.ravel()[-1]
        elif isinstance(item, list):
            for inner in item:
                wreak(inner)
            if item and data.draw(st.booleans()):
                item.append(data.draw(PLAIN))
                item.pop(0)
                item.reverse()
        elif isinstance(item, dict):
            for inner in item.values():
                wreak(inner)
            if data.draw(st.booleans()):
                item["new"] = data.draw(SCALARS)

    original = copy.deepcopy(value)
    there = across(original)
    snapshot = Snapshot(there)
    wreak(there)
    apply_changes(original, snapshot.changes(refuse), resolve)
    assert same(original, there)


def test_items_that_stay_keep_their_identity():
    original = [np.zeros(2), [1], {"a": np.ones(1)}]
    kept = list(original)
    there = across(original)
    snapshot = Snapshot(there)
    there.reverse()
    there[0]["a"] *= 5
    there.append("new")
    apply_changes(original, snapshot.changes(refuse), resolve)
    assert [id(item) for item in original[:3]] == [id(item) for item in reversed(kept)]
    assert original[0]["a"][0] == 5
    assert original[3] == "new"


def test_a_generator_comes_back_where_the_call_left_it():
    original = np.random.default_rng(3)
    there = across(original)
    snapshot = Snapshot(there)
    there.normal(size=7)
    apply_changes(original, snapshot.changes(refuse), resolve)
    assert original.random() == there.random()


@pytest.mark.parametrize(
    "value",
    [object(), {1}, np.array([None]), np.zeros(1, "i4,f4"), np.datetime64(3, "s"), 1 << 20_000,
     np.random.Generator(np.random.MT19937(1)), np.random.RandomState(1), print, np.save, range(3)],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_is_not_plain_data_is_named(value):
    with pytest.raises(Foreign) as error:
        pack([1, value], refuse)
    assert error.value.value is value


def test_subclasses_cross_as_what_they_are_made_of():
    class Number(float):
        def __eq__(self, other):
            return True

        __hash__ = float.__hash__

    class Array(np.ndarray):
        pass

    arrived = across([Number(2.0), np.ones(2).view(Array), np.float64(1.0)])
    assert [type(item) for item in arrived] == [float, np.ndarray, np.float64]


@pytest.mark.parametrize(
    "forged",
    [["a", "<f8", [3], b"12345678"], ["a", "<f8", [-1], b""], ["a", "<f8", [2**62, 4], b""],
     ["a", "|O", [1], b"12345678"], ["a", "<f8", [True], b"12345678"], ["a", "<f8", [1] * 65, b""],
     ["I", "0x" + "f" * 5000], ["G", "PCG64", ["d"]], ["N", "load"], ["N", "__doc__"],
     ["T", "type"], ["d", [["l"], 1]], ["S"], ["c", 1, 2], ["s", "<f8", b"1"], {"a": 1}, []],
    ids=repr,
)  # fmt: skip
def test_a_forged_value_is_refused(forged):
    with pytest.raises(WireError):
        unpack(forged, resolve)


def test_bytes_that_numpy_would_not_write_are_set_right():
    truth = unpack(["a", "|b1", [2], b"\x02\x00"], resolve)
    assert truth.tobytes() == b"\x01\x00"
    odd = unpack(["a", np.dtype("g").str, [1], b"\x01" * np.dtype("g").itemsize], resolve)
    assert math.isnan(odd[0]) or np.isfinite(odd[0])


@pytest.mark.parametrize(
    "view", [lambda a: a, lambda a: a.T, lambda a: a[:, ::2], lambda a: a.transpose(1, 2, 0)]
)
def test_an_array_keeps_its_memory_layout(view):
    array = view(np.arange(24.0).reshape(2, 4, 3))
    arrived = across(array)
    assert np.array_equal(arrived, array)
    for flag in ("C_CONTIGUOUS", "F_CONTIGUOUS", "WRITEABLE"):
        assert arrived.flags[flag] == array.flags[flag]
    assert np.shares_memory(arrived.ravel(), arrived) == np.shares_memory(array.ravel(), array)


def test_numpys_text_crosses_as_text():
    assert same(across(np.array(["saddle"])[0]), "saddle")
    assert same(across(np.bytes_(b"raw")), b"raw")


def test_deep_lists_are_refused_on_both_sides():
    value: list = []
    message: list = ["l"]
    for _ in range(60):
        value, message = [value], ["l", message]
    with pytest.raises(Foreign):
        pack(value, refuse)
    with pytest.raises(WireError):
        unpack(message, resolve)


def test_a_channel_says_when_the_other_side_is_gone_late_or_too_wordy():
    one, other = socket.socketpair()
    with contextlib.closing(Channel(one, largest=100)) as channel, other:
        with pytest.raises(OutOfTime):
            channel.receive(time.monotonic() + 0.01)
        other.sendall((101).to_bytes(4, "big"))
        with pytest.raises(WireError, match="101 bytes; 100 are allowed"):
            channel.receive(time.monotonic() + 1)
        other.close()
        with pytest.raises(Closed):
            channel.receive(time.monotonic() + 1)


def test_text_is_made_fit_for_files_and_terminals():
    assert encodable("a\ud800") == "a\\ud800"
    assert printable("\x1b[2Ja\tb\r\x07", 99) == "\ufffd[2Ja b\ufffd\ufffd"
    assert printable(["evil"], 99) == "<list>"
    assert printable("x" * 99, 3) == "xxx"


def test_text_that_is_shown_reorders_no_line():
    marks = "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    assert printable(f"a{marks}b", 100) == "a" + "\ufffd" * len(marks) + "b"
    assert printable("é שלום 👩‍🔬", 100) == "é שלום 👩‍🔬"
