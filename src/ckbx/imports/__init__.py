"""What people bring in files: read, checked, matched, handed to use cases."""
