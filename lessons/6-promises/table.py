"""All experiments with three columns, one table."""

import lower
import order
import receiver
import sender
from lab import print_table

print_table(sender.ROWS | receiver.ROWS | lower.ROWS | order.ROWS)
