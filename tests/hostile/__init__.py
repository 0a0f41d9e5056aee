"""What strangers can send: nothing of it ends a program, hangs it, switches a lamp or forges a line."""
