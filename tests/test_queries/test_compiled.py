"""The compiled kernels: held to their bounds, cacheable, and the same in every process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from queries.kernels.layout import Amounts
from queries.kernels.lists import Lists
from queries.kernels.sweep import Peeks, Swept, has_numba, sweep

pytestmark = pytest.mark.skipif(not has_numba(), reason="numba (the extra `fast`) is not installed")
ROOT = Path(__file__).parents[2]
NODES, COLUMNS = 3_000, 70


def wide(seed: int, *, fast: bool) -> Swept:
    """More queries, rows, items, words, columns and peeks than any constant of the kernels counts."""
    pick = np.random.default_rng(seed)
    items, queries, lines = 3_000, 2_500, 7_000

    def sets(count: int, most: int) -> Lists:
        owner = np.repeat(np.arange(count), most)
        return Lists.of(owner, pick.integers(0, NODES, len(owner)), count)

    ends = pick.integers(0, NODES, (2, NODES))
    item = np.concatenate((np.arange(items), pick.integers(0, items, lines - items)))
    return sweep(
        NODES,
        (ends[0], ends[1]),
        queries=sets(queries, 3),
        items=sets(items, 2),
        amounts=Amounts(
            item, pick.integers(0, COLUMNS, lines), pick.integers(1, 5_000, lines), COLUMNS
        ),
        peeks=Peeks(pick.integers(0, queries, 9_000), pick.integers(0, items, 9_000)),
        fast=fast,
    )


def differences() -> dict[str, int]:
    """What a process of its own finds: of many wide questions, how many numbers differ from numpy's."""
    told = {"sums": 0, "peeks": 0, "answer": 0}
    for seed in range(1):
        compiled, plain = wide(seed, fast=True), wide(seed, fast=False)
        told["sums"] += int((compiled.sums != plain.sums).sum())
        told["peeks"] += int((compiled.peeked != plain.peeked).sum())
        told["answer"] = (told["answer"] * 31 + int(compiled.sums.sum())) % (1 << 61)
    return told


def asked(cache: Path, **variables: str) -> dict[str, int]:
    """The differences as another process finds them, with its own cache of compiled kernels."""
    words = "import json, test_compiled; print(json.dumps(test_compiled.differences()))"
    paths = os.pathsep.join((str(ROOT), str(Path(__file__).parent)))
    done = subprocess.run(
        [sys.executable, "-c", words],
        env={**os.environ, "PYTHONPATH": paths, "NUMBA_CACHE_DIR": str(cache), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads(done.stdout)
    return found


def test_no_kernel_reads_or_writes_outside_its_arrays(tmp_path: Path) -> None:
    # A cache of its own: kernels cached without the check would be loaded without it.
    found = asked(tmp_path, NUMBA_BOUNDSCHECK="1")
    assert (found["sums"], found["peeks"]) == (0, 0)


def test_the_check_of_bounds_is_on_in_that_process(tmp_path: Path) -> None:
    words = (
        "import numpy as np; from queries.kernels.fast import _set_bits\n"
        "none = np.zeros((0, 8), dtype=np.uint64)\n"
        "row = np.array([3])\n"
        "_set_bits(row, row, np.ones(1, dtype=np.uint64), none, np.zeros(0, dtype=np.uint8))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", words],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "NUMBA_CACHE_DIR": str(tmp_path),
            "NUMBA_BOUNDSCHECK": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert "IndexError" in done.stderr


def test_a_process_that_compiles_and_one_that_loads_the_cache_agree(tmp_path: Path) -> None:
    first, second = asked(tmp_path), asked(tmp_path)
    assert any(tmp_path.rglob("*.nbi"))
    assert first == second


def test_every_kernel_can_be_cached_and_leaves_the_interpreter_free() -> None:
    from numba.core.registry import CPUDispatcher

    from queries.kernels import fast

    kernels = [one for one in vars(fast).values() if isinstance(one, CPUDispatcher)]
    assert len(kernels) >= 6
    for kernel in kernels:
        options = kernel.targetoptions
        assert options.get("nogil"), kernel
        assert not options.get("parallel"), kernel
        assert kernel.py_func.__closure__ is None, kernel
        assert kernel.py_func.__qualname__ == kernel.py_func.__name__, kernel
        assert type(kernel._cache).__name__ == "FunctionCache", kernel


@pytest.mark.parametrize("threads", [1, 3])
def test_the_number_of_threads_changes_nothing(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from queries.kernels import fast

    monkeypatch.setattr(fast, "_WORTH", 0)
    monkeypatch.setattr(fast, "THREADS", threads)
    compiled, plain = wide(threads, fast=True), wide(threads, fast=False)
    assert np.array_equal(compiled.sums, plain.sums)
    assert np.array_equal(compiled.peeked, plain.peeked)


def test_what_is_warmed_up_is_all_that_a_question_needs(tmp_path: Path) -> None:
    words = (
        "import test_compiled\n"
        "from queries.kernels.sweep import warm_up\n"
        "assert warm_up()\n"
        "from queries.kernels.fast import _block\n"
        "before = list(_block.signatures)\n"
        "test_compiled.wide(1, fast=True)\n"
        "assert len(before) == 1 and list(_block.signatures) == before\n"
    )
    paths = os.pathsep.join((str(ROOT), str(Path(__file__).parent)))
    done = subprocess.run(
        [sys.executable, "-c", words],
        env={**os.environ, "PYTHONPATH": paths, "NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
