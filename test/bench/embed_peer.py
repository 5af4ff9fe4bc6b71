"""sentence-transformers on torch, driven by lines: texts come first, then each "run" is answered with seconds."""

import json
import sys
import time

import torch
from sentence_transformers import SentenceTransformer

folder, threads, vectors = sys.argv[1], int(sys.argv[2]), sys.argv[3]
torch.set_num_threads(threads)
model = SentenceTransformer(folder, device="cpu")
model.max_seq_length = 256
texts = json.loads(sys.stdin.readline())
model.encode(texts[:32], batch_size=32)
print(json.dumps({"torch": torch.__version__}), flush=True)
for _ in sys.stdin:
    began = time.perf_counter()
    encoded = model.encode(texts, batch_size=32, normalize_embeddings=True, convert_to_numpy=True)
    print(json.dumps({"seconds": time.perf_counter() - began}), flush=True)
    encoded.astype("<f4").tofile(vectors)
