"""What the scenes stand on: real binaries, scriptable back ends, raw clients, load, measurements."""
