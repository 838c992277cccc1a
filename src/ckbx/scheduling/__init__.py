"""When due work is looked for: one leader, ticks that may be late or doubled."""
