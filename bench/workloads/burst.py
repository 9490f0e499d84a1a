"""Fan-out burst: 8 of 500 members send with 8 texts under way each."""

from bench.block import Block
from bench.stage import Stage
from bench.workloads import fanout


def measure(stage: Stage) -> Block:
    """See the module."""
    says = "8 senders × window 8, 100 bytes of text"
    return fanout.block(stage, "burst", says, senders=8, over_hub=2, over_stock=80)
