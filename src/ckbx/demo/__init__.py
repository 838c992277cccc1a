"""示例县: a county that exists nowhere, made through the same use cases as a real one."""
