#!/usr/bin/env python3
"""Runs a command of the shell at a pseudo-terminal and types an answer whenever it is asked something. at_terminal.py ANSWER COMMAND"""
import os
import pty
import sys

answer, command = sys.argv[1:]
child, terminal = pty.fork()
if child == 0:
    os.environ.update(NO_COLOR="1", TERM="dumb", COLUMNS="100")
    os.execvp("bash", ["bash", "-c", command])
said = b""
try:
    while piece := os.read(terminal, 4096):
        said += piece
        sys.stdout.buffer.write(piece.replace(b"\r\n", b"\n"))
        sys.stdout.buffer.flush()
        if said.rstrip(b" ").endswith((b"[y/N]", b"?")):
            os.write(terminal, answer.encode() + b"\n")
            said = b""
except OSError:
    pass  # the other side is closed
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
