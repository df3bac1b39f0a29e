"""`studykit check` of the shipped library beside one cold process for each check, in one run.

    python tests/benchmarks/bench_check.py [PATH...] [--jobs 2] [--cold 3]

The cold way is what a simple judge does: a new interpreter that loads the snippet, draws the same inputs,
runs answer and reference, and compares. Per topic its median is taken over `--cold` rounds, as many at once
as the check has jobs, and multiplied by the topic's checks. Then parts of the library are checked, to see
that the time grows with the number of checks and not faster.
"""

import argparse
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from studykit.checking.check import check, read
from studykit.checking.report import Report
from studykit.checking.topics import Topic
from studykit.checking.trials import CASES
from studykit.library.cards import Implement, Repair

COLD = """
source = open({path!r}, encoding="utf8").read()
answer, reference = {{}}, {{}}
exec(source, answer)
exec(source, reference)
probe = reference.get("probe_{function}")
for seed in range({cases}):
    results = []
    for names in (answer, reference):
        sample = reference["sample_{draw}"](seed)
        run = names["{function}"]
        results.append(probe(run, **sample) if probe else run(**sample))
    str(results[0]) == str(results[1]) or exit("differs")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("paths", nargs="*", default=["decks"])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--cold", type=int, default=3)
    arguments = parser.parse_args()
    topics, _ = read(arguments.paths)
    seconds, report = timed([*arguments.paths], arguments.jobs)
    checks = count(report)
    print(f"warm: {len(report.results)} checks of {len(topics)} decks    {seconds:8.1f} s")
    cold = sum(
        checks[topic.entry.id] * median(cold_seconds(topic, arguments.cold, arguments.jobs))
        for topic in topics
    )
    cold /= arguments.jobs
    print(f"cold, {arguments.jobs} at once                       {cold:8.1f} s")
    print(f"cold : warm                            {cold / seconds:8.1f} times")
    for part in parts(topics):
        seconds, report = timed(part, arguments.jobs)
        runs = len(report.results)
        print(f"{len(part):3} decks: {runs:5} checks {seconds:6.1f} s  {1000 * seconds / runs:6.1f} ms each")


def timed(paths: list[str], jobs: int) -> tuple[float, Report]:
    """Check the paths; return the seconds it took, warming up included, and what was found."""
    begin = time.perf_counter()
    report = check(paths, jobs=jobs)
    return time.perf_counter() - begin, report


def count(report: Report) -> Counter[str]:
    """Return the number of checks by deck; those of a snippet count for the deck of the same name."""
    names = (result.id.partition("#")[0].removesuffix(".py").split("/") for result in report.results)
    return Counter("/".join(parts[1:3] if parts[0] == "snippets" else parts[:2]) for parts in names)


def cold_seconds(topic: Topic, rounds: int, jobs: int) -> list[float]:
    """Return the seconds of cold judgements of the topic's cards, `jobs` at once; the first round warms."""
    programs = list(cold_programs(topic))[:4] * (rounds + 1)
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(run_cold, programs))[len(programs) // (rounds + 1) :]


def cold_programs(topic: Topic) -> Iterator[str]:
    """Yield a simple judge's program for each card that is answered by writing code."""
    for card in topic.cards:
        if isinstance(card, Implement | Repair):
            path = str(topic.snippet_path(card))
            draw = card.draw or card.function
            yield COLD.format(path=path, function=card.function, draw=draw, cases=CASES)


def run_cold(program: str) -> float:
    begin = time.perf_counter()
    environment = {"TRITON_INTERPRET": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return time.perf_counter() - begin


def parts(topics: list[Topic]) -> Iterator[list[str]]:
    """Yield a quarter, a half, and all of the decks."""
    paths = [str(topic.entry.path) for topic in topics]
    yield from (paths[:: 4 // share] for share in (1, 2, 4))


if __name__ == "__main__":
    main()
