"""账号: who may sign in, with which posts and grants, and what the administrator does about it."""
