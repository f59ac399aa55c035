"""What is served under /admin/: for now the phone simulator."""
