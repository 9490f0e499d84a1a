"""Fan-out trickle: 1 of 500 members sends with 8 texts under way."""

from bench.block import Block
from bench.stage import Stage
from bench.workloads import fanout


def measure(stage: Stage) -> Block:
    """See the module."""
    says = "1 sender × window 8, 100 bytes of text"
    return fanout.block(stage, "trickle", says, senders=1, over_hub=0.6, over_stock=25)
