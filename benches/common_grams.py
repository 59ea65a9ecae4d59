#!/usr/bin/env python3
"""Counts the most frequent four neighbouring characters of source code and prose, for src/secret/common_grams.txt.

    benches/common_grams.py DIR... > src/secret/common_grams.txt
"""

import collections
import pathlib
import re
import sys

MOST = 5000
BYTES_EACH = 100_000
IN_KEYWORDS = re.compile(r'[a-z0-9 _.\-:/="@]{4}')

counts = collections.Counter()
for root in sys.argv[1:]:
    for file in sorted(pathlib.Path(root).rglob("*")):
        if file.is_symlink() or not file.is_file() or ".git" in file.parts:
            continue
        with file.open("rb") as opened:
            content = opened.read(BYTES_EACH)
        if b"\0" in content[:1000]:
            continue
        text = content.lower().decode("latin-1")
        counts.update(map("".join, zip(text, text[1:], text[2:], text[3:])))
grams = (gram for gram, _ in counts.most_common() if IN_KEYWORDS.fullmatch(gram))
for _, gram in zip(range(MOST), grams):
    print(gram)
