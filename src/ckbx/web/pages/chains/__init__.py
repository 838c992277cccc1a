"""责任链: posts, their holders, vacancies and handing over."""
