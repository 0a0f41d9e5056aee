"""All experiments, one table."""

import last_will
import lower
import order
import receiver
import retained
import sender
from lab import print_table

print_table(sender.ROWS | receiver.ROWS | retained.ROWS | last_will.ROWS | lower.ROWS | order.ROWS)
