"""What a planner asks of an answer: how far it moves, when it flips, what would turn it."""
