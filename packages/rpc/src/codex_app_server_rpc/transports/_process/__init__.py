"""The server's process: started, watched, and ended with everything that it started."""
