"""导入: files tried, taken over and taken back."""
