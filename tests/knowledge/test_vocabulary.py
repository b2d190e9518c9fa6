"""The vocabulary costs each process little: of jieba only the dictionary is read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ANSWERS = """
import sys
from knowledge.answers import Answerer
from knowledge.article import load_folder
from knowledge.search import index
assert Answerer(load_folder()).answer("底保咋申请").item == "最低生活保障"
assert "jieba" not in sys.modules, "answering imported jieba"
assert index([("one", "苞米")]).top("玉米", 1)
"""


def test_answering_does_without_importing_jieba() -> None:
    run = subprocess.run([sys.executable, "-c", ANSWERS], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
