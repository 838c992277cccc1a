"""School leaders, townships and villages: whom they answer for, and what they sign."""
