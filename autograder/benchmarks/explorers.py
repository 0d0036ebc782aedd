"""How fast explorers answer in JupyterLab, beside plain ``ipywidgets.interact``.

Run it with ``python autograder/benchmarks/explorers.py [--presses 40] [name ...]``. For each
explorer, headless Chromium presses an arrow key on its first slider: the same figure is redrawn
by the explorer and by ``interact`` with Matplotlib's inline backend. Times run inside the page,
from the key to the new picture, decoded. Ratios are what counts: both sides share the machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import nbformat
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table
from tests.tools.browser import chromium, jupyterlab, open_notebook

from byhand.explorers import by_chapter
from byhand.figures import png

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from byhand.explorers.base import Explorer

# The same figure by interact: drawn from nothing each time, which is what interact is for.
INTERACT = """
import ipywidgets
import matplotlib.pyplot as plt

def by_interact(explorer):
    values = {name: control.value for name, control in explorer.control.items()}
    name = next(n for n, control in explorer.control.items() if hasattr(control, "slider"))
    slider = explorer.control[name].slider

    def show(value):
        figure = plt.figure(figsize=explorer.size)
        explorer.build(figure)
        explorer.redraw(**values | {name: value})
        for artist in figure.findobj(lambda a: a.get_animated()):
            artist.set_animated(False)
        plt.show()

    ipywidgets.interact(show, value=type(slider)(
        value=slider.value, min=slider.min, max=slider.max, step=slider.step))
"""

# Watches one cell's output; `times` grows by the milliseconds from the last key to each picture.
WATCH = """(output) => {
    const picture = () => output.querySelector('.byhand-explorer img')
        || output.querySelector('.widget-output img, .jupyter-widgets img');
    const watch = {times: [], pictures: 0, key: 0};
    let last = picture()?.src;
    output.addEventListener('keydown', () => { watch.key = performance.now(); }, true);
    new MutationObserver(() => {
        const now = picture();
        if (!now || now.src === last) return;
        last = now.src;
        now.decode().then(() => {
            watch.times.push(performance.now() - watch.key);
            watch.pictures += 1;
        }, () => {});  // replaced by the next picture before it was decoded
    }).observe(output, {subtree: true, childList: true, attributes: true});
    window.watch = watch;
}"""

HOLD = """async ([handle, seconds]) => {
    const press = key => handle.dispatchEvent(
        new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
    const start = performance.now(), before = window.watch.pictures;
    for (let i = 0; performance.now() - start < 1000 * seconds; i++) {
        press(Math.floor(i / 15) % 2 ? 'ArrowLeft' : 'ArrowRight');
        await new Promise(done => setTimeout(done, 16));
    }
    return (window.watch.pictures - before) / ((performance.now() - start) / 1000);
}"""


def measure(page: Page, cell: int, presses: int, seconds: float) -> tuple[list[float], float]:
    """Return the latencies in milliseconds, and updates a second while a key is held."""
    output = page.locator(".jp-CodeCell").nth(cell).locator(".jp-OutputArea").first
    handle = output.locator(".noUi-handle").first
    handle.wait_for(state="attached")
    handle.scroll_into_view_if_needed()
    page.wait_for_timeout(1500)
    output.evaluate(WATCH)
    for press in range(presses):
        seen = page.evaluate("window.watch.pictures")
        handle.press("ArrowLeft" if press % 2 else "ArrowRight")  # never stuck at an end
        page.wait_for_function("seen => window.watch.pictures > seen", arg=seen, timeout=10_000)
        page.wait_for_timeout(120)
    times = page.evaluate("window.watch.times")[2:]  # the first ones warm up
    handle_element = handle.element_handle()
    rate = page.evaluate(HOLD, [handle_element, seconds])
    page.wait_for_timeout(1000)
    return times, rate


def in_kernel(explorer: Explorer) -> dict[str, float]:
    """Return milliseconds of each part of a redraw in the kernel, without the browser."""
    pixels = np.asarray(explorer.canvas.buffer_rgba())
    return {"redraw": _milliseconds(explorer.refresh), "png": _milliseconds(lambda: png(pixels))}


def _milliseconds(call: object, repeats: int = 40) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def notebook_of(explorer: type[Explorer]) -> nbformat.NotebookNode:
    """Return a notebook with one explorer, and the same figure by interact."""
    name = explorer.__name__
    cells = [
        f"from {explorer.__module__} import {name}\n{INTERACT}",
        f"{name}(predicted=True)",
        f"by_interact({name}(predicted=True))",
    ]
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="parts of explorers' names; all if none is given")
    parser.add_argument("--presses", type=int, default=40, help="single presses of a key")
    parser.add_argument("--seconds", type=float, default=4, help="how long a key is held")
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON")
    options = parser.parse_args()
    chosen = {
        f"{chapter}.{name}": explorer  # two chapters have a graph explorer
        for chapter, explorers in by_chapter().items()
        for name, explorer in explorers.items()
        if not options.names or any(part in f"{chapter}.{name}" for part in options.names)
    }
    rows = []
    log = Console(stderr=True)  # a row as soon as it is measured: all take a quarter of an hour
    with TemporaryDirectory() as folder, chromium() as browser:
        for name, explorer in chosen.items():
            nbformat.write(notebook_of(explorer), Path(folder, f"{name}.ipynb"))
        with jupyterlab(Path(folder)) as lab:
            for name in track(chosen, "explorers", console=log):
                with open_notebook(browser, lab, f"{name}.ipynb") as notebook:
                    notebook.run_all()
                    ours, our_rate = measure(notebook.page, 1, options.presses, options.seconds)
                    theirs, rate = measure(notebook.page, 2, options.presses, options.seconds)
                    if notebook.errors:
                        raise SystemExit(f"{name}: {notebook.errors}")
                row = {
                    "explorer": name, "median": statistics.median(ours),
                    "p95": float(np.quantile(ours, 0.95)), "rate": our_rate,
                    "interact median": statistics.median(theirs),
                    "interact p95": float(np.quantile(theirs, 0.95)), "interact rate": rate,
                    **in_kernel(chosen[name](predicted=True)),
                }  # fmt: skip
                rows.append(row)
                median, beside_it = row["median"], row["interact median"]
                log.print(f"{name}: {median:.0f} ms, interact {beside_it:.0f} ms")
    print(json.dumps(rows, indent=1)) if options.json else show(rows)


def show(rows: list[dict]) -> None:
    """Print the table."""
    table = Table(title="Key press to changed picture, in JupyterLab (ms; updates a second)")
    for column in (
        "explorer", "median", "p95", "interact", "p95", "ratio",
        "updates/s", "interact", "ratio", "in kernel", "of it PNG",
    ):  # fmt: skip
        table.add_column(column, justify="left" if column == "explorer" else "right")
    for row in rows:
        table.add_row(
            row["explorer"], f"{row['median']:.0f}", f"{row['p95']:.0f}",
            f"{row['interact median']:.0f}", f"{row['interact p95']:.0f}",
            f"{row['median'] / row['interact median']:.2f}",
            f"{row['rate']:.1f}", f"{row['interact rate']:.1f}",
            f"{row['rate'] / row['interact rate']:.1f}",
            f"{row['redraw']:.1f}", f"{row['png']:.1f}",
        )  # fmt: skip
    Console(width=130).print(table)


if __name__ == "__main__":
    main()
