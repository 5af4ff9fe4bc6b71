"""faiss-cpu beside our index: trains and fills a recipe on a raw file of vectors, prints one line of JSON. Its own defaults.

Arguments: file, dimensions, recipe, threads; then, to keep the index, where to write it and its nprobe: compared by distance (L2).
"""

import json
import resource
import sys
import time

import faiss
import numpy

path, dimensions, recipe, threads = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
faiss.omp_set_num_threads(threads)
vectors = numpy.fromfile(path, dtype="float32").reshape(-1, dimensions)
kept = sys.argv[5:]
index = faiss.index_factory(dimensions, recipe, faiss.METRIC_L2 if kept else faiss.METRIC_INNER_PRODUCT)


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def timed(work):
    began, used = time.time(), processor_seconds()
    work(vectors)
    return {"seconds": time.time() - began, "processorSeconds": processor_seconds() - used}


train, add = timed(index.train), timed(index.add)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
if kept:
    faiss.extract_index_ivf(index).nprobe = int(kept[1])
    faiss.write_index(index, kept[0])
faiss.extract_index_ivf(index).make_direct_map()
error = 0.0
for first in range(0, len(vectors), 50_000):
    part = vectors[first : first + 50_000]
    error += float(((index.reconstruct_n(first, len(part)) - part) ** 2).sum())
print(json.dumps({"version": faiss.__version__, "train": train, "add": add, "peak": peak, "error": error / len(vectors)}))
