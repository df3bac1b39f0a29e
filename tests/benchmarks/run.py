"""`make bench`: run every benchmark of this folder, one after the other.

Each `bench_*.py` compares side by side in one run and prints medians and ratios; none of them asserts a time,
since machines differ. Name benchmarks to run only those: `make bench ARGS=answer`.
"""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all; return the worst exit code."""
    chosen = [path for path in sorted(FOLDER.glob("bench_*.py")) if not names or path.stem[6:] in names]
    worst = 0
    for path in chosen:
        print(f"== {path.stem[6:]}", flush=True)
        worst = max(worst, subprocess.run([sys.executable, str(path)], check=False).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
