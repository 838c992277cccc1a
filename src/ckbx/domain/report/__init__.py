"""学校月报和县汇总: figures sealed as they were known when a person signed them."""
