"""Many devices in one process, to try a broker and its servers on."""
