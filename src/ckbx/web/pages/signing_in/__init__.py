"""登录, the own account, and proving once more who sits there."""
