"""Indicators: named counting rules (口径), each with its numerator and denominator."""
