"""A real worker process with handlers that tests steer. Started as ``python -m tests.worker_process``."""
