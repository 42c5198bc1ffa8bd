"""The emulator's state: SQLite tables, one module for each kind of object, and the bytes of files."""
