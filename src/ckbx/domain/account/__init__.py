"""Accounts: who may sign in, and which roles were granted to whom until when."""
