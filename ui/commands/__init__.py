"""The commands, a file each; `ui.cli` registers every module of this package that declares `COMMAND`."""
