"""The bureau: how the county stands, what it answers, draws and signs."""
