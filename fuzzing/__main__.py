"""`python -m fuzzing --minutes 60`: explore all targets, say what is found, end with status 1 when anything is."""

import argparse
import hashlib
import sys
import time
from pathlib import Path

from fuzzing.exploring import Finding
from fuzzing.targets import TARGETS
from fuzzing.watching import Campaign, Message, Tally, watch


def main() -> int:
    """Read the command line, explore, write findings to files, print a table."""
    parser = argparse.ArgumentParser(prog="python -m fuzzing", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="time for all targets together")
    parser.add_argument("--only", nargs="+", choices=list(TARGETS), default=list(TARGETS), metavar="TARGET")
    parser.add_argument("--slice", type=float, default=20.0, help="seconds for one target before the next one's turn")
    parser.add_argument("--seed", type=int, default=0, help="another number makes other inputs")
    parser.add_argument("--out", type=Path, default=Path("out/fuzzing"), help="folder for findings and kept inputs")
    options = parser.parse_args()
    findings = options.out / "findings"
    findings.mkdir(parents=True, exist_ok=True)
    targets = {name: TARGETS[name] for name in options.only}
    campaign = Campaign(targets, options.minutes * 60, options.slice, options.seed, options.out / "inputs")

    def tell(message: Message) -> None:
        stamp = time.strftime("%H:%M:%S")
        if isinstance(message, Finding):
            print(f"{stamp} {message.target}: {message.kind}, kept as {_keep(findings, message)}")
            print(message.detail)
        else:
            print(f"{stamp} {message.target}: {message.executions} executions, {message.reach}")
        sys.stdout.flush()

    tally = watch(campaign, tell)
    _print_table(tally, options.minutes)
    return 1 if tally.findings else 0


def _keep(folder: Path, finding: Finding) -> Path:
    """Write the input and what is known of it beside each other."""
    name = f"{finding.target}-{finding.kind}-{hashlib.sha256(finding.data).hexdigest()[:12]}"
    (folder / f"{name}.txt").write_text(finding.detail)
    (folder / name).write_bytes(finding.data)
    return folder / name


def _print_table(tally: Tally, minutes: float) -> None:
    for name, executions in tally.executions.items():
        print(f"{name:20} {executions:9} executions  {tally.reach[name]}")
    print(
        f"{sum(tally.executions.values())} executions of {len(tally.executions)} targets in {minutes:g} minutes, "
        f"{len(tally.findings)} findings"
    )


if __name__ == "__main__":
    sys.exit(main())
