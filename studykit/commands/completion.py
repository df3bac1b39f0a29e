"""`studykit completion`: a completion script for the learner's shell."""

import argparse

EXAMPLE = 'eval "$(studykit completion bash)"   # in ~/.bashrc'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `completion` takes."""
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell to complete in")


def run(arguments: argparse.Namespace) -> int:
    """Print the script."""
    import shtab

    print(shtab.complete(arguments.program, shell=arguments.shell))
    return 0
