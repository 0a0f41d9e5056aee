"""Your seat in this course: all other scripts take it from here."""

ID = "my-room"  # what only you are called, as far as your broker reaches
BROKER = "localhost"  # where the broker is: on this computer
