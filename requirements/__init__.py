"""What is installed: the short lists, and what pins and audits them."""
