"""A confined run of a small attention, three samples, beside a cold process that imports torch for the same.

    python tests/benchmarks/bench_sandbox.py [--runs 150] [--cold 9]

All is measured in one run: the cold process (page cache warm, its first start dropped), the judgement of an
answer (run and compare), the confined run alone with all layers, the same without them, a run without torch,
and what the waiting process takes of memory. Both ways use the same three samples and compare their outputs.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles

from studykit.library.cards import Implement
from studykit.running import plain
from studykit.running.jobs import Job
from studykit.running.runner import Exercise, Runner
from studykit.running.sandbox import Ending, Sandbox
from studykit.running.snippets import solution_of
from studykit.running.verdicts import Verdict

ATTENTION = """
import math
import torch


def attention(query, key, value):
    T, D = query.shape[-2:]
    scores = query @ key.transpose(-2, -1) / math.sqrt(D)
    future = torch.ones(T, T, dtype=torch.bool).triu(diagonal=1)
    return scores.masked_fill(future, -math.inf).softmax(dim=-1) @ value


def sample_attention(seed):
    rng = torch.Generator().manual_seed(seed)
    batch, heads, steps, width = (int(torch.randint(1, 6, (), generator=rng)) for _ in range(4))
    query, key, value = torch.randn(3, batch, heads, steps, width, generator=rng)
    return {"query": query, "key": key, "value": value}
"""
COLD = (
    ATTENTION
    + """
reference = attention
for seed in (1, 2, 3):
    torch.testing.assert_close(attention(**sample_attention(seed)), reference(**sample_attention(seed)))
"""
)
SAMPLES = 3
BUSY_RUNS = 12
REST_SECONDS = 4
"""What a zygote leaves for a quiet moment, or for the tenth run, is done by then."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=150)
    parser.add_argument("--cold", type=int, default=9)
    arguments = parser.parse_args()
    cold = times(arguments.cold + 1, run_cold)[1:]
    with tempfile.TemporaryDirectory() as folder, Sandbox() as sandbox:
        begin = time.perf_counter()
        sandbox.warm(torch=True)
        print(f"warm() returns after        {1000 * (time.perf_counter() - begin):8.1f} ms")
        job = attention_job(sandbox)
        print(f"first run is done after     {1000 * (time.perf_counter() - begin):8.1f} ms")
        every = sandbox._holding()
        times(BUSY_RUNS, lambda: check(sandbox, job, every))
        time.sleep(REST_SECONDS)
        confined = times(arguments.runs, lambda: check(sandbox, job, every))
        judged = times(arguments.runs, judge(Path(folder), sandbox))
        open_ = times(arguments.runs, lambda: check(sandbox, job, ()))
        script = Job({"task": "script", "source": "print(6 * 7)", "filename": "x"})
        small = times(arguments.runs, lambda: check(sandbox, script, every))
        report("cold process, imports torch", cold)
        report("warm, judged: run + compare", judged)
        report("warm run, confined", confined)
        report("warm run, no layers", open_)
        report("warm run, without torch", small)
        print(f"cold : judged, medians      {median(cold) / median(judged):8.1f} times")
        print(f"cold : confined, medians    {median(cold) / median(confined):8.1f} times")
        for pid in sandbox.processes():
            print(f"PSS of process {pid:<12} {pss(pid):8.1f} MB")


def attention_job(sandbox: Sandbox) -> Job:
    """The job that is measured; its inputs are drawn in the sandbox too."""
    samples = {
        "task": "samples",
        "module": ATTENTION,
        "filename": "attention.py",
        "function": "sample_attention",
        "seeds": [1, 2, 3],
    }
    drawn = sandbox.run(Job(samples, torch=True))
    assert drawn.ending is Ending.DONE, drawn
    task = {
        "task": "call",
        "code": [{"source": ATTENTION, "filename": "answer.py"}],
        "function": "attention",
        "cases": drawn.value,
    }
    return Job(task, torch=True)


def judge(folder: Path, sandbox: Sandbox) -> Callable[[], None]:
    """Return the judgement of a right answer, as at a second try: inputs and reference results are kept."""
    snippet = folder / "attention.py"
    snippet.write_text(ATTENTION, encoding="utf8")
    card = Implement(id="attention", front="Write it.", function="attention")
    exercise = Exercise(card=card, snippet=snippet, card_id="bench/attention/attention", trusted=True)
    runner, answer = Runner(sandbox=sandbox), solution_of(ATTENTION, "attention")

    def work() -> None:
        result = runner.judge(exercise, answer, 1, cases=SAMPLES)
        assert result.verdict is Verdict.PASS, result

    work()
    return work


def check(sandbox: Sandbox, job: Job, layers: tuple[str, ...]) -> None:
    outcome = sandbox._run(job, layers)
    assert outcome.ending is Ending.DONE, outcome
    for blob in outcome.value if isinstance(outcome.value, list) else []:
        plain.decode(blob)


def run_cold() -> None:
    subprocess.run([sys.executable, "-c", COLD], check=True)


def times(runs: int, work: Callable[[], None]) -> list[float]:
    """Do the work again and again; return the milliseconds it took."""
    taken = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - begin))
    return taken


def report(name: str, taken: list[float]) -> None:
    p95 = quantiles(taken, n=20)[-1]
    print(f"{name:27} {median(taken):8.1f} ms p50 {p95:8.1f} ms p95   ({len(taken)} runs)")


def pss(pid: int) -> float:
    """The process's share of memory, in MB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
