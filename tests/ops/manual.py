#!/usr/bin/env python3
"""The manual and the shells' completions know what the command line does.

    manual.py GCSTREAMD
"""

import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GCSTREAMD = sys.argv.pop(1)
MANUAL = (ROOT / "docs/man/gcstreamd.8").read_text()
BASH = ROOT / "config/completion/gcstreamd.bash"
ZSH = ROOT / "config/completion/_gcstreamd"


def help_of(*command):
    return subprocess.run([GCSTREAMD, *command, "--help"], text=True, capture_output=True, check=True).stdout


def subcommands(text):
    return re.findall(r"^  ([a-z]+) ", text.partition("Subcommands:")[2], re.M)


def options(text):
    return re.findall(r"--([a-z-]+)", text)


COMMANDS = {command: options(help_of(command)) for command in subcommands(help_of())}


def completed(*words):
    """What bash offers for the last of the words."""
    line = " ".join(f"'{word}'" for word in ("gcstreamd", *words))
    script = f"source {BASH}; COMP_WORDS=({line}); COMP_CWORD={len(words)}; _gcstreamd; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    return subprocess.run(["bash", "-c", script], text=True, capture_output=True, check=True).stdout.split()


class Manual(unittest.TestCase):
    def test_there_are_commands(self):
        self.assertIn("run", COMMANDS)

    def test_the_manual_has_every_command_and_option(self):
        for command, its_options in COMMANDS.items():
            self.assertIn(f".Cm {command}\n", MANUAL)
            for option in its_options:
                self.assertIn(f"Fl -{option}", MANUAL)

    def test_bash_offers_them(self):
        self.assertLessEqual(set(COMMANDS), set(completed("")))
        for command, its_options in COMMANDS.items():
            self.assertLessEqual({f"--{option}" for option in its_options}, set(completed(command, "--")))
        self.assertEqual(completed("position", "s"), ["show", "set"])

    def test_bash_offers_the_streams_of_the_configuration(self):
        configuration = str(ROOT / "config/gcstreamd.json")
        self.assertEqual(completed("position", "show", "--config", configuration, "--stream", ""), ["main"])

    def test_zsh_offers_them(self):
        text = ZSH.read_text()
        for command, its_options in COMMANDS.items():
            self.assertIn(f"'{command}:", text)
            for option in its_options:
                self.assertIn(f"--{option}", text)

    @unittest.skipUnless(shutil.which("zsh"), "no zsh here")
    def test_zsh_can_read_it(self):
        subprocess.run(["zsh", "-n", ZSH], check=True)

    @unittest.skipUnless(shutil.which("mandoc"), "no mandoc here")
    def test_the_manuals_are_well_formed(self):
        for page in sorted((ROOT / "docs/man").iterdir()):
            done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], text=True, capture_output=True,
                                  check=False)
            self.assertEqual(done.stdout, "", page)


if __name__ == "__main__":
    unittest.main()
