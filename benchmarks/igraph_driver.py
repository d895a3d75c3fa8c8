"""igraph from a sample of the sources, run with its own environment alone: prints one JSON line."""

import json
import resource
import sys
import time
from array import array
from pathlib import Path

import igraph

numbers = array("i")
numbers.frombytes(Path(sys.argv[1]).read_bytes())
size, many, count = numbers[:3]
starts, ends = numbers[3 : 3 + many], numbers[3 + many :]
graph = igraph.Graph(
    n=size, edges=list(zip(ends[:count], ends[count:], strict=True)), directed=True
)
some = starts[:: max(1, many // 200)]
begun = time.process_time()
for start in some:
    graph.subcomponent(start, mode="out")
whole = (time.process_time() - begun) * many / len(some)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
note = f"{len(some)} of {many} sources"
print(
    json.dumps(
        {
            "seconds": whole,
            "peak_mb": peak,
            "peer": True,
            "extrapolated": len(some) < many,
            "note": note,
        }
    )
)
