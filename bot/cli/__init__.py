"""The command line. Each command's deed is a module of its own, imported only when it is asked for."""
