"""台账 and 指标: shown, asked for a day, taken away."""
