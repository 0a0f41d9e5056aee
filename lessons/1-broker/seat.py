"""Your seat in this course: all other scripts take it from here."""

ID = "my-room"  # your name: nobody else on your broker may have it
BROKER = "localhost"  # where the broker is: on this computer
