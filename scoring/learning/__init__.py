"""Learning: from a table of outcomes to a model whose score is a sum of exact, monotone, calibrated parts."""
